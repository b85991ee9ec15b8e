import 'reflect-metadata';
import { createHash, type webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A TLS identity of one simulated host, both halves as PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate's DER, lower-case hex: what LXD calls the fingerprint. */
  readonly fingerprint: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const lifetimeMs = 10 * 365 * 24 * 3600 * 1000; // LXD's own certificates live ten years too

/** One key for all hosts: making keys is the dear part, and a fingerprint covers the certificate, not the key. */
export type HostKeys = Readonly<{ pair: webcrypto.CryptoKeyPair; pem: string }>;

/** Makes the key pair that a fleet of simulated hosts shares. */
export async function makeHostKeys(): Promise<HostKeys> {
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return { pair, pem: `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n` };
}

/** A self-signed certificate like the one LXD makes at its first start; `serial` makes each one different. */
export async function makeServerCertificate(
  keys: HostKeys,
  hostName: string,
  serial: number,
  nowMs: number,
): Promise<ServerCertificate> {
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: (serial + 1).toString(16).padStart(8, '0'),
    name: `O=linuxcontainers.org, CN=root@${hostName}`,
    notBefore: new Date(nowMs - 3600_000),
    notAfter: new Date(nowMs + lifetimeMs),
    signingAlgorithm: algorithm,
    keys: keys.pair,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: hostName },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const fingerprint = createHash('sha256').update(Buffer.from(made.rawData)).digest('hex');
  return { cert: `${made.toString('pem')}\n`, key: keys.pem, fingerprint };
}

/** Fingerprint of a certificate given as PEM. Throws what node's parser throws when it is none. */
export function fingerprintOf(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
}
