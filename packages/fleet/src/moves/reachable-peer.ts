import { isLxdError } from '@longshore/lxd';
import type { HostConnection } from '../hosts/host-connections.ts';
import { isConnectionTrouble } from './connection-trouble.ts';
import { addressesForPeers } from './peer-addresses.ts';

/** A LAN answers in milliseconds, and hosts themselves give up after ten seconds. */
const PROBE_MS = 5000;

/**
 * The address (`https://HOST:PORT`) at which one host reaches another, or null when it does not. Asked before anything
 * is stopped: hosts take ten seconds for each address that does not answer.
 *
 * The API has no such question, so the host is asked to fetch an image by an alias that nobody has: "not found" comes
 * from the other host, anything else from the way to it.
 */
export async function reachablePeer(
  from: HostConnection,
  to: HostConnection,
  signal: AbortSignal,
): Promise<string | null> {
  const { certificate } = await to.client.server.get({ signal });
  const addresses = await addressesForPeers(to, signal);
  const reached = await Promise.all(
    addresses.map((address) => reaches(from, { address, certificate }, signal)),
  );
  return addresses.find((_, index) => reached[index]) ?? null;
}

async function reaches(
  { client, host }: HostConnection,
  peer: { readonly address: string; readonly certificate: string },
  signal: AbortSignal,
): Promise<boolean> {
  const source = {
    type: 'image',
    mode: 'pull',
    server: peer.address,
    protocol: host.kind,
    certificate: peer.certificate,
    alias: 'longshore-is-anybody-there',
  } as const;
  try {
    const probe = await client.images.create({ source }, { signal, timeoutMs: PROBE_MS });
    await client.operations.wait(probe, { signal, timeoutMs: PROBE_MS });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!isLxdError(error)) throw error;
    return error.code !== 'timeout' && !isConnectionTrouble(error);
  }
}
