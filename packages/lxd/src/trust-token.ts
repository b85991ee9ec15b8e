import { z } from 'zod';
import { normalizeFingerprint } from './endpoint.ts';
import { LxdError } from './lxd-error.ts';

/** What a trust token says. Its `fingerprint` pins the server before anything is sent to it. */
export type TrustToken = {
  /** Name that the server will give our certificate. */
  readonly clientName: string;
  readonly fingerprint: string;
  /** `HOST:PORT` each, most likely one first; some may be reachable only from elsewhere. */
  readonly addresses: readonly string[];
  readonly secret: string;
  /** RFC 3339; null where it does not expire. */
  readonly expiresAt: string | null;
  /** The token as given, trimmed: what the server wants back. */
  readonly text: string;
};

// Source: LXD api/certificate.go `CertificateAddToken`: base64 of JSON. Incus kept it.
const tokenSchema = z.object({
  client_name: z.string().default(''),
  fingerprint: z.string().regex(/^[0-9a-fA-F]{64}$/),
  addresses: z.array(z.string()).min(1),
  secret: z.string().min(1),
  expires_at: z.string().nullish(),
});

const MAX_TOKEN_CHARS = 16_384;

/** Reads a trust token as `lxc config trust add` prints it. Throws LxdError `bad-request` for anything else. */
export function parseTrustToken(text: string): TrustToken {
  const trimmed = text.replace(/\s+/g, '');
  const parsed = trimmed.length <= MAX_TOKEN_CHARS ? tokenSchema.safeParse(decode(trimmed)) : undefined;
  if (!parsed?.success) {
    throw new LxdError({
      code: 'bad-request',
      message: 'this is not a trust token',
      target: 'trust token',
      hint: 'Copy the whole line that `lxc config trust add` or `incus config trust add NAME` printed on the host.',
      // No cause: it would quote parts of what may be a secret.
    });
  }
  const token = parsed.data;
  const expires = token.expires_at;
  return {
    clientName: token.client_name,
    fingerprint: normalizeFingerprint(token.fingerprint),
    addresses: token.addresses,
    secret: token.secret,
    expiresAt: expires && !expires.startsWith('0001-') ? expires : null,
    text: trimmed,
  };
}

/** Writes a trust token the way the servers' own clients do. */
export function formatTrustToken(token: Omit<TrustToken, 'text'>): string {
  const json = {
    client_name: token.clientName,
    fingerprint: token.fingerprint,
    addresses: token.addresses,
    secret: token.secret,
    expires_at: token.expiresAt ?? '0001-01-01T00:00:00Z',
  };
  return Buffer.from(JSON.stringify(json)).toString('base64');
}

function decode(text: string): unknown {
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    return undefined; // the caller says what is wrong, without quoting it
  }
}
