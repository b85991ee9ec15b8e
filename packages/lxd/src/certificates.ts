import { z } from 'zod';
import { type Certificate, certificateSchema } from './api/certificate.ts';
import { apiPath } from './api-path.ts';
import type { CallOptions } from './call-options.ts';
import { changeAndWait, type Operations } from './operations.ts';
import type { ServerInfo } from './server.ts';
import type { Transport } from './transport.ts';
import { formatTrustToken } from './trust-token.ts';

/** Limits of a trust entry: access to these projects only. */
export type TrustScope = {
  readonly restricted?: boolean;
  readonly projects?: readonly string[];
  /** Default `client`; `metrics` may read metrics only. */
  readonly type?: 'client' | 'metrics';
};

/** Who is let in, and how it is proved. */
export type TrustRequest = TrustScope & {
  readonly name?: string;
  /** PEM; default: the certificate of this connection. */
  readonly certificate?: string;
  /** A trust token's text (one use). */
  readonly trustToken?: string;
  /** The server's trust password; LXD before 6 only. */
  readonly password?: string;
};

/** The server's trust store. */
export type Certificates = {
  list(options?: CallOptions): Promise<readonly Certificate[]>;
  get(fingerprint: string, options?: CallOptions): Promise<Certificate>;
  /**
   * Adds a certificate: by token or password as a stranger, with neither as a trusted client. Throws `forbidden` for a
   * wrong, used or expired token or a wrong password, `conflict` for one that is trusted already.
   */
  add(request: TrustRequest, options?: CallOptions): Promise<void>;
  delete(fingerprint: string, options?: CallOptions): Promise<void>;
  /** Makes a one-time token for a client of this name. */
  createToken(name: string, options?: CallOptions & TrustScope): Promise<string>;
};

const tokenOperationSchema = z.object({
  addresses: z.array(z.string()),
  fingerprint: z.string(),
  secret: z.string(),
  expiresAt: z.string().nullish(),
});

export function createCertificates(
  transport: Transport,
  operations: Operations,
  serverInfo: (options: CallOptions) => Promise<ServerInfo>,
): Certificates {
  return {
    list: (options = {}) =>
      transport.get(
        { path: '/1.0/certificates', query: { recursion: 1 } },
        z.array(certificateSchema),
        options,
      ),
    get: (fingerprint, options = {}) =>
      transport.get({ path: apiPath`/1.0/certificates/${fingerprint}` }, certificateSchema, options),
    async add(request, options = {}) {
      const { trustToken, password, certificate, ...scope } = request;
      const body: Record<string, unknown> = { type: 'client', ...scope };
      if (certificate !== undefined) body.certificate = derOf(certificate);
      if (password !== undefined) body.password = password;
      if (trustToken !== undefined) {
        const info = await serverInfo(options);
        // LXD took tokens in the password's place until passwords went; Incus never had passwords.
        const own = info.serverKind === 'incus' || info.apiExtensions.has('explicit_trust_token');
        body[own ? 'trust_token' : 'password'] = trustToken;
      }
      await changeAndWait(
        transport,
        operations,
        { method: 'POST', path: '/1.0/certificates', json: body },
        options,
      );
    },
    delete: (fingerprint, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'DELETE', path: apiPath`/1.0/certificates/${fingerprint}` },
        options,
      ),
    async createToken(name, options = {}) {
      const request = {
        method: 'POST' as const,
        path: '/1.0/certificates',
        json: {
          type: options.type ?? 'client',
          name,
          token: true,
          restricted: options.restricted ?? false,
          projects: options.projects ?? [],
        },
      };
      const ref = await transport.start(request, options);
      const made = transport.parse(tokenOperationSchema, ref.operation.metadata, request);
      return formatTrustToken({ ...made, clientName: name, expiresAt: made.expiresAt ?? null });
    },
  };
}

/** The API wants the base64 of the DER, that is a PEM without its first and last line. */
function derOf(pem: string): string {
  return pem.replace(/-----(BEGIN|END) CERTIFICATE-----/g, '').replace(/\s+/g, '');
}
