import 'reflect-metadata';
import { createHash, createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A TLS identity of one simulated host, both halves as PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate's DER, lower-case hex: what LXD calls the fingerprint. */
  readonly fingerprint: string;
}

/**
 * What a fleet's certificates are made of. One key for all hosts: a fingerprint covers the certificate, not the key.
 * And one certificate as a pattern: another serial number and signature make the next one, in 0.1 ms in place of 4.
 */
export interface HostKeys {
  readonly key: KeyObject;
  readonly pem: string;
  /** The part of the pattern that gets signed (RFC 5280: TBSCertificate), DER. */
  readonly toBeSigned: Buffer;
  /** Where the eight bytes of the serial number are in it. */
  readonly serialAt: number;
  /** Of the signature, DER. */
  readonly algorithm: Buffer;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const lifetimeMs = 10 * 365 * 24 * 3600 * 1000; // LXD's own certificates live ten years too
const patternSerial = '7f5a1d3c2b4e6f70'; // positive and eight bytes long, so that each other one fits in its place

/** Makes the key and the pattern that a fleet of simulated hosts shares. */
export async function makeHostKeys(nowMs: number): Promise<HostKeys> {
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const pattern = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: patternSerial,
    name: 'O=linuxcontainers.org, CN=root@simulated',
    notBefore: new Date(nowMs - 3600_000),
    notAfter: new Date(nowMs + lifetimeMs),
    signingAlgorithm: algorithm,
    keys: pair,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const der = Buffer.from(pattern.rawData);
  const [toBeSigned, signedBy] = elementsOf(der);
  if (!toBeSigned || !signedBy)
    throw new Error('the pattern of the simulated certificates has an unknown form');
  const pem = key.export({ format: 'pem', type: 'pkcs8' }).toString();
  const serialAt = toBeSigned.indexOf(Buffer.from(patternSerial, 'hex'));
  return { key, pem, toBeSigned, serialAt, algorithm: signedBy };
}

/** A self-signed certificate like the one LXD makes at its first start; `serial` makes each one different. */
export function makeServerCertificate(keys: HostKeys, serial: number): ServerCertificate {
  const toBeSigned = Buffer.from(keys.toBeSigned);
  toBeSigned.writeUInt32BE(serial >>> 0, keys.serialAt + 4);
  const signature = sign('sha256', toBeSigned, keys.key);
  const bits = element(0x03, Buffer.concat([Buffer.of(0), signature])); // BIT STRING without unused bits
  const raw = element(0x30, Buffer.concat([toBeSigned, keys.algorithm, bits]));
  const cert = `-----BEGIN CERTIFICATE-----\n${wrapped(raw.toString('base64'))}-----END CERTIFICATE-----\n`;
  return { cert, key: keys.pem, fingerprint: createHash('sha256').update(raw).digest('hex') };
}

/** A DER element of this tag. */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), content]);
}

/** The elements in a DER sequence, with their heads. Lengths up to 65,535 as in every certificate of this size. */
function elementsOf(sequence: Buffer): Buffer[] {
  const sizeOf = (at: number) => {
    const first = sequence.readUInt8(at + 1);
    if (first < 0x80) return { head: 2, content: first };
    if (first === 0x81) return { head: 3, content: sequence.readUInt8(at + 2) };
    return { head: 4, content: sequence.readUInt16BE(at + 2) };
  };
  const found: Buffer[] = [];
  for (let at = sizeOf(0).head; at < sequence.length; ) {
    const { head, content } = sizeOf(at);
    found.push(sequence.subarray(at, at + head + content));
    at += head + content;
  }
  return found;
}

function wrapped(base64: string): string {
  return base64.replace(/.{1,64}/g, '$&\n');
}

/** Fingerprint of a certificate given as PEM. Throws what node's parser throws when it is none. */
export function fingerprintOf(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
}
