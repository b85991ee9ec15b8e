import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { type Call, nameAt, parseBody, recursion } from './call.ts';
import { fingerprintOf } from './certificate.ts';
import type { HostState, TrustedCertificate } from './host-state.ts';
import { zeroTime } from './instance-record.ts';
import { newSecret } from './migration.ts';
import type { Operation } from './operation.ts';
import { ApiError, checkEtag, done, type Reply, sync } from './reply.ts';

/** `GET /1.0/certificates`. */
export function listCertificates(call: Call): Reply {
  const certificates = [...call.host.certificates.values()];
  if (recursion(call) > 0) return sync(certificates.map((one) => certificateJson(call.host, one)));
  return sync(certificates.map(({ fingerprint }) => `/1.0/certificates/${fingerprint}`));
}

function certificateJson(host: HostState, certificate: TrustedCertificate) {
  return host.kind === 'incus' ? { ...certificate, description: '' } : certificate;
}

function find(call: Call): TrustedCertificate {
  const wanted = nameAt(call, 0);
  const found = [...call.host.certificates.values()].find((one) => one.fingerprint.startsWith(wanted));
  if (!found) throw new ApiError(404, 'Certificate not found');
  return found;
}

/** `GET /1.0/certificates/FINGERPRINT`. */
export function getCertificate(call: Call): Reply {
  const found = find(call);
  return sync(certificateJson(call.host, found), [found]);
}

const addSchema = z.object({
  type: z.string().optional(),
  name: z.string().optional(),
  certificate: z.string().optional(),
  restricted: z.boolean().optional(),
  projects: z.array(z.string()).nullish(),
  /** LXD: the trust password, or the token in its place. */
  password: z.string().optional(),
  /** Incus: the token. */
  trust_token: z.string().optional(),
  /** Asks for a token instead. */
  token: z.boolean().optional(),
});

/** `POST /1.0/certificates`: by somebody trusted, by token or by password; or the wish for a token. */
export function addCertificate(call: Call): Reply {
  const { host, trusted, peer } = call;
  const body = parseBody(call, addSchema);
  if (trusted && body.token) {
    const { restricted, projects } = body;
    return {
      kind: 'async',
      operation: startToken(host, body.name ?? '', restricted ?? false, projects ?? []),
    };
  }
  let granted = {
    name: body.name ?? '',
    restricted: body.restricted ?? false,
    projects: body.projects ?? [],
  };
  const pem = body.certificate ? toPem(body.certificate) : (peer?.pem ?? '');
  if (!trusted) {
    if (peer && host.certificates.has(peer.fingerprint)) throw new ApiError(400, 'Client is already trusted');
    const secret = (host.kind === 'lxd' ? body.password : body.trust_token) ?? '';
    const token = parseToken(secret);
    if (token) granted = redeem(host, token);
    else if (host.kind === 'incus' || secret === '' || secret !== host.trustPassword) {
      throw new ApiError(403, 'not authorized');
    }
  }
  if (pem === '') throw new ApiError(400, 'No TLS certificate provided');
  const fingerprint = fingerprintOf(pem);
  if (host.certificates.has(fingerprint)) throw new ApiError(400, 'Client is already trusted');
  host.certificates.set(fingerprint, { ...granted, type: 'client', certificate: pem, fingerprint });
  const url = `/1.0/certificates/${fingerprint}`;
  host.tell('certificate-created', 'default', url, { requestor: call.requestor });
  return { kind: 'created', location: url };
}

/** Clients send the DER in base64, or PEM. */
function toPem(text: string): string {
  if (text.startsWith('-----')) return text;
  try {
    return new X509Certificate(Buffer.from(text, 'base64')).toString();
  } catch (error) {
    throw new ApiError(400, `Invalid certificate: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}

function startToken(
  host: HostState,
  name: string,
  restricted: boolean,
  projects: readonly string[],
): Operation {
  return host.operations.start({
    project: 'default',
    class: 'token',
    description: 'Executing operation',
    resources: null,
    metadata: {
      addresses: [host.address],
      fingerprint: host.certificate.fingerprint,
      request: { name, type: 'client', restricted, projects, certificate: '', password: '', token: true },
      secret: newSecret(),
    },
    mayCancel: true,
  });
}

/** A new trust token, encoded as `lxc config trust add` and `incus config trust add` print it. */
export function issueToken(host: HostState, clientName: string): string {
  const { metadata } = startToken(host, clientName, false, []);
  const token = {
    client_name: clientName,
    fingerprint: host.certificate.fingerprint,
    addresses: [host.address],
    secret: metadata?.secret,
    expires_at: zeroTime,
  };
  return Buffer.from(JSON.stringify(token)).toString('base64');
}

const tokenSchema = z.object({ secret: z.string(), fingerprint: z.string() });

function parseToken(text: string): z.infer<typeof tokenSchema> | null {
  if (!/^[A-Za-z0-9+/=]{40,}$/.test(text)) return null;
  try {
    return tokenSchema.safeParse(JSON.parse(Buffer.from(text, 'base64').toString())).data ?? null;
  } catch (error) {
    // base64 that holds no JSON is a password, not a token
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const requestSchema = z.object({ name: z.string(), restricted: z.boolean(), projects: z.array(z.string()) });

/** What the token was made for; the token is used up. */
function redeem(host: HostState, token: { secret: string }): z.infer<typeof requestSchema> {
  const operation = host.operations
    .list('default')
    .find(
      (one) => one.class === 'token' && one.status === 'Running' && one.metadata?.secret === token.secret,
    );
  const request = requestSchema.safeParse(operation?.metadata?.request).data;
  if (!operation || !request) throw new ApiError(403, 'No matching certificate add operation found');
  host.operations.cancel(operation.id);
  return request;
}

/** `PUT` and `PATCH /1.0/certificates/FINGERPRINT`: name and restrictions. */
export function updateCertificate(call: Call): Reply {
  const { host } = call;
  const found = find(call);
  checkEtag(call.ifMatch, [found]);
  const body = parseBody(call, addSchema);
  host.certificates.set(found.fingerprint, {
    ...found,
    name: body.name ?? found.name,
    restricted: body.restricted ?? found.restricted,
    projects: body.projects ?? found.projects,
  });
  host.tell('certificate-updated', 'default', `/1.0/certificates/${found.fingerprint}`, {
    requestor: call.requestor,
  });
  return done;
}

/** `DELETE /1.0/certificates/FINGERPRINT`. */
export function deleteCertificate(call: Call): Reply {
  const { host } = call;
  const { fingerprint } = find(call);
  host.certificates.delete(fingerprint);
  host.tell('certificate-deleted', 'default', `/1.0/certificates/${fingerprint}`, {
    requestor: call.requestor,
  });
  return done;
}
