import { LongshoreError } from '@longshore/contract';
import { isLxdError, type LxdClient } from '@longshore/lxd';
import type { Installation } from '../installation/installation.ts';

/** The name of our entry in a host's trust store, where we choose it: whose it is can be seen there. */
export function trustEntryName(installation: Installation): string {
  return `longshore-${installation.id}`;
}

/** How the host is asked to trust us. */
export type TrustProof =
  | { readonly by: 'token'; readonly token: string; readonly expiresAt: string | null }
  | { readonly by: 'password'; readonly password: string };

/**
 * Adds our certificate to the host's trust store.
 * @throws LongshoreError `trust-token-refused`, `trust-password-refused`; LxdError for anything else
 */
export async function addTrustEntry(
  client: LxdClient,
  installation: Installation,
  proof: TrustProof,
  now: Date,
): Promise<void> {
  try {
    await client.certificates.add({
      name: trustEntryName(installation),
      ...(proof.by === 'token' ? { trustToken: proof.token } : { password: proof.password }),
    });
  } catch (error) {
    if (isLxdError(error, 'conflict')) return; // trusted already; the caller looks again
    if (!isLxdError(error, 'forbidden', 'bad-request', 'not-found')) throw error;
    throw proof.by === 'password'
      ? new LongshoreError('trust-password-refused', 'The host did not accept the trust password.', {
          hint: 'Set one on the host (lxc config set core.trust_password), or make a trust token there: lxc config trust add --name longshore.',
        })
      : tokenRefused(proof.expiresAt, now);
  }
}

function tokenRefused(expiresAt: string | null, now: Date): LongshoreError {
  const hint =
    'Make a new one on the host: lxc config trust add --name longshore, or incus config trust add longshore.';
  if (expiresAt !== null && new Date(expiresAt) <= now) {
    return new LongshoreError('trust-token-refused', `The trust token has expired (at ${expiresAt}).`, {
      hint,
    });
  }
  return new LongshoreError(
    'trust-token-refused',
    'The host did not accept the trust token: it was used before, was revoked, or is not from this host.',
    { hint },
  );
}

/** Whether the entry under our certificate bears our name: then an earlier enrolment of ours made it. */
export async function isOurTrustEntry(client: LxdClient, installation: Installation): Promise<boolean> {
  try {
    const entry = await client.certificates.get(installation.fingerprint);
    return entry.name === trustEntryName(installation);
  } catch (error) {
    // A restricted client may not see the trust store; a server may trust by its CA. Either way it is not known to be ours.
    if (isLxdError(error, 'not-found', 'forbidden', 'bad-request', 'server-error')) return false;
    throw error;
  }
}

/** Takes our own entry away, by our certificate's fingerprint. Gone already is fine. */
export async function removeTrustEntry(client: LxdClient, installation: Installation): Promise<void> {
  try {
    await client.certificates.delete(installation.fingerprint);
  } catch (error) {
    // Not found: gone. Forbidden: the host no longer trusts us, so there is nothing to take away.
    if (!isLxdError(error, 'not-found', 'forbidden')) throw error;
  }
}
