import { createHash, X509Certificate } from 'node:crypto';

/** PEM of a client's certificate and its private key. */
export type ClientCertificate = { readonly cert: string; readonly key: string };

/**
 * Where a server is and how we know it. Over HTTPS the server is pinned by the SHA-256 fingerprint (hex) of its
 * certificate; no certificate authority is asked. `clientCertificate` may be left out to look as a stranger.
 */
export type Endpoint =
  | {
      readonly kind: 'https';
      readonly url: string;
      readonly fingerprint: string;
      readonly clientCertificate?: ClientCertificate | undefined;
    }
  | { readonly kind: 'unix'; readonly path: string };

/** Lower-case hex without separators, so that `AB:CD…` of openssl and `abcd…` of LXD compare equal. */
export function normalizeFingerprint(fingerprint: string): string {
  return fingerprint.replace(/[\s:]/g, '').toLowerCase();
}

/** SHA-256 fingerprint (hex) of a certificate, as LXD writes it. Throws a TypeError for what is not a PEM certificate. */
export function fingerprintOf(certificatePem: string): string {
  let raw: Buffer;
  try {
    raw = new X509Certificate(certificatePem).raw;
  } catch (cause) {
    throw new TypeError('not a PEM certificate', { cause });
  }
  return createHash('sha256').update(raw).digest('hex');
}

/** How errors name the server: its URL, or `unix:` and the path. */
export function endpointLabel(endpoint: Endpoint): string {
  return endpoint.kind === 'https' ? endpoint.url.replace(/\/+$/, '') : `unix:${endpoint.path}`;
}
