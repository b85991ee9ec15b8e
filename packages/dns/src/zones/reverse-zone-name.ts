import { isIPv4 } from 'node:net';
import { LongshoreError } from '@longshore/contract';
import { ipv6Octets } from '../records/ipv6-octets.ts';

/**
 * The zone of a network's reverse names (RFC 1035, 3.5; RFC 3596, 2.5), whose length falls between two labels. Pure.
 *
 * @throws LongshoreError `bad-request`
 */
export function reverseZoneName(network: string): string {
  const slash = network.lastIndexOf('/');
  const address = network.slice(0, slash);
  const bits = Number(network.slice(slash + 1));
  const v4 = isIPv4(address);
  const step = v4 ? 8 : 4;
  if (bits === 0 || bits % step !== 0) {
    throw new LongshoreError('bad-request', `${network} has no reverse zone of its own.`, {
      hint: v4 ? 'Use a network of 8, 16, 24 or 32 bits.' : 'Use a network whose bits are a multiple of 4.',
    });
  }
  const labels = v4 ? address.split('.') : [...ipv6Octets(address).toString('hex')];
  return `${labels
    .slice(0, bits / step)
    .reverse()
    .join('.')}.${v4 ? 'in-addr.arpa' : 'ip6.arpa'}`;
}
