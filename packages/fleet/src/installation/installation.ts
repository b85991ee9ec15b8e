import { createHash, randomUUID, webcrypto, X509Certificate } from 'node:crypto';
import type { Sealer, Store } from '@longshore/store';

/** Who this installation is to its hosts: the client certificate that they trust. */
export type Installation = {
  readonly id: string;
  readonly certificatePem: string;
  readonly keyPem: string;
  /** SHA-256 of the certificate, as hosts list it in their trust store. */
  readonly fingerprint: string;
};

export const INSTALLATION_KEY_CONTEXT = 'installation.client_key';

/** Reads the installation's identity; the first of any number of racing starters makes it. */
export async function readInstallation(store: Store, sealer: Sealer): Promise<Installation> {
  const known = await store.db.selectFrom('installation').selectAll().executeTakeFirst();
  if (known !== undefined) {
    return {
      id: known.id,
      certificatePem: known.client_certificate,
      keyPem: sealer.open(known.client_key_sealed, INSTALLATION_KEY_CONTEXT),
      fingerprint: certificateFingerprint(known.client_certificate),
    };
  }
  const id = randomUUID();
  // Needed once in the life of an installation; its libraries would stay resident in every process.
  const { makeClientCertificate } = await import('./make-client-certificate.ts');
  const { certificatePem, keyPem } = await makeClientCertificate(webcrypto, `longshore-${id}`);
  await store.db
    .insertInto('installation')
    .values({
      id,
      client_certificate: certificatePem,
      client_key_sealed: sealer.seal(keyPem, INSTALLATION_KEY_CONTEXT),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return readInstallation(store, sealer);
}

/** SHA-256 of a PEM certificate in lower-case hex. */
export function certificateFingerprint(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
}
