import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/**
 * Tells where a request comes from. The header `X-Forwarded-For` counts only as far as proxies wrote it that are trusted:
 * the first address from its end that is none of theirs.
 *
 * @param trustedProxies addresses or networks (CIDR), as the API has them
 */
export function clientAddressOf(
  trustedProxies: readonly string[],
): (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string {
  const trusted = new BlockList();
  for (const each of trustedProxies) {
    const [address = '', prefix] = each.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) continue; // the API has refused it already, or knows it by a name of its own
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return ({ headers, socket }) => {
    const peer = plain(socket.remoteAddress ?? '');
    if (!isTrusted(peer)) return peer;
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    const told = forwarded.map((each) => plain(each.trim())).filter((each) => isIP(each) !== 0);
    return told.findLast((each) => !isTrusted(each)) ?? peer;
  };
}

/** IPv4 as it is, where a socket of both families writes it as IPv6 (RFC 4291, 2.5.5.2). */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
