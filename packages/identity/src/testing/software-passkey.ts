import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A passkey in software, as far as WebAuthn Level 3 asks of one: ES256, attestation `none`, user verified. */
export type SoftwarePasskey = Readonly<{
  id: string;
  /** Answers `navigator.credentials.create`. */
  create(
    challenge: string,
    origin: string,
  ): {
    id: string;
    rawId: string;
    type: 'public-key';
    response: { clientDataJSON: string; attestationObject: string };
  };
  /** Answers `navigator.credentials.get`. */
  get(
    challenge: string,
    origin: string,
  ): {
    id: string;
    rawId: string;
    type: 'public-key';
    response: { clientDataJSON: string; authenticatorData: string; signature: string };
  };
}>;

/** User present, user verified; and, at registration, attested credential data (WebAuthn, 6.1). */
const PRESENT_VERIFIED = 0x05;
const WITH_CREDENTIAL = 0x40;

/** A new key for a host. */
export function createSoftwarePasskey(host: string): SoftwarePasskey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(16);
  const id = credentialId.toString('base64url');
  const relyingParty = createHash('sha256').update(host).digest();
  const clientData = (type: string, challenge: string, origin: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const authenticatorData = (flags: number, rest = Buffer.alloc(0)) =>
    Buffer.concat([relyingParty, Buffer.from([flags]), Buffer.alloc(4), rest]);
  return {
    id,
    create(challenge, origin) {
      // COSE_Key: kty EC2, alg ES256, crv P-256, x, y (RFC 9053, 7.1.1), in CBOR.
      const cose = Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        Buffer.from(x, 'base64url'),
        Buffer.from('225820', 'hex'),
        Buffer.from(y, 'base64url'),
      ]);
      const credential = Buffer.concat([
        Buffer.alloc(16),
        Buffer.from([0, credentialId.length]),
        credentialId,
        cose,
      ]);
      const data = authenticatorData(PRESENT_VERIFIED | WITH_CREDENTIAL, credential);
      // {"fmt": "none", "attStmt": {}, "authData": bytes}
      const attestation = Buffer.concat([
        Buffer.from([0xa3, 0x63]),
        Buffer.from('fmt'),
        Buffer.from([0x64]),
        Buffer.from('none'),
        Buffer.from([0x67]),
        Buffer.from('attStmt'),
        Buffer.from([0xa0, 0x68]),
        Buffer.from('authData'),
        Buffer.from([0x58, data.length]),
        data,
      ]);
      return {
        id,
        rawId: id,
        type: 'public-key',
        response: {
          clientDataJSON: clientData('webauthn.create', challenge, origin).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
        },
      };
    },
    get(challenge, origin) {
      const data = authenticatorData(PRESENT_VERIFIED);
      const client = clientData('webauthn.get', challenge, origin);
      const hash = createHash('sha256').update(client).digest();
      return {
        id,
        rawId: id,
        type: 'public-key',
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', Buffer.concat([data, hash]), privateKey).toString('base64url'),
        },
      };
    },
  };
}
