import { LongshoreError } from '@longshore/contract';
import { isLxdError } from '@longshore/lxd';
import type { HostConnection } from '../hosts/host-connections.ts';
import { translateLxdError } from '../hosts/translate-lxd-error.ts';

/**
 * What a host's error means to a transfer, under the name of the host that it came from.
 *
 * LXD answers 500 also to what will never succeed, such as a configuration key that it does not know. Here an instance
 * stands still meanwhile, so only what a daemon says while it starts or stops is taken for passing.
 */
export function transferError(error: unknown, hosts: readonly HostConnection[]): unknown {
  if (!isLxdError(error)) return error;
  const from = hosts.find(({ host }) => error.target.startsWith(host.url));
  const known = translateLxdError(error, from?.host.name ?? 'of the transfer');
  if (error.code !== 'server-error' || error.status !== 500 || PASSING.test(error.message)) return known;
  return new LongshoreError('host-refused', known.message, { hint: known.hint ?? error.hint, cause: error });
}

const PASSING = /shutting down|starting up|not yet|database is locked|context canceled|temporar/i;
