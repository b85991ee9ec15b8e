import type { HostConnection } from '../hosts/host-connections.ts';

/** More attempts would make people wait: each unreachable address costs the other host a connection time-out. */
const MAX_ADDRESSES = 2;

/**
 * Where other hosts may reach a host, as `https://HOST:PORT`, the most likely first: where we reach it ourselves, then
 * what it says about itself. None for a host that only listens on a socket.
 */
export async function addressesForPeers(
  connection: HostConnection,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { addresses } = await connection.client.server.get({ signal });
  const own = connection.host.url.startsWith('https://') ? [connection.host.url] : [];
  const said = addresses.filter((address) => !isLoopback(address)).map((address) => `https://${address}`);
  return [...new Set([...own, ...said])].slice(0, MAX_ADDRESSES);
}

function isLoopback(address: string): boolean {
  return /^(?:127\.|\[::1\]|localhost)/.test(address);
}
