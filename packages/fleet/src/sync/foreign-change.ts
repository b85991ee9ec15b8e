import type { LxdEvent } from '@longshore/lxd';
import { wantedBy } from './events-to-reads.ts';

/** What somebody did on a host past Longshore, as the host's own lifecycle event tells. */
export type ForeignChange = Readonly<{
  hostId: string;
  hostName: string;
  /** Such as `instance-stopped` (LXD doc/events.md). */
  action: string;
  /** The instance, where the event is about one. */
  instance: Readonly<{ lxdProject: string; name: string }> | null;
  /** Address of the thing on the host. */
  source: string;
  /** As the host authenticated them: name or certificate, how, and from where. */
  requestor: Readonly<{ username: string; protocol: string; address: string }>;
}>;

/** Reads are no changes. */
const READ = /-retrieved$/;

/**
 * The change of a lifecycle event that was asked for by somebody else, or null: what the host does by itself has no
 * requestor, and what we ask for bears our certificate. Over a socket all users of the machine look alike, so nothing is
 * said of those who come by one to a host that we reach by its socket, too. Pure.
 *
 * @param ourFingerprint SHA-256 of our client certificate
 */
export function foreignChange(
  event: LxdEvent,
  host: Readonly<{ id: string; name: string; url: string }>,
  ourFingerprint: string,
): ForeignChange | null {
  if (event.type !== 'lifecycle') return null;
  const { action, source, requestor } = event.metadata;
  if (requestor === null || requestor === undefined || READ.test(action)) return null;
  const { username, protocol, address } = requestor;
  if (protocol === '' || username.toLowerCase() === ourFingerprint.toLowerCase()) return null;
  if (protocol === 'unix' && host.url.startsWith('unix:')) return null;
  const instance = wantedBy({ ...event, metadata: { ...event.metadata, action: 'instance-updated' } }).find(
    (wanted) => wanted.kind === 'instance',
  );
  return {
    hostId: host.id,
    hostName: host.name,
    action,
    instance: instance === undefined ? null : { lxdProject: instance.lxdProject, name: instance.name },
    source,
    requestor: { username, protocol, address },
  };
}
