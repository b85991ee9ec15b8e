import type { Labels, MyAccess, Permission } from '@longshore/contract';

/** Where something is, as roles name it. */
export type Place = Readonly<{ projectId: string | null; hostId: string | null; labels: Labels }>;

/**
 * All that is permitted at a place: on the fleet, and on the parts of it that the place belongs to. The server decides the
 * same by itself; this is for controls that are off before they are refused.
 */
export function permissionsOn(access: MyAccess, place: Place): readonly Permission[] {
  const parts = access.parts.filter((part) => isAt(part, place));
  // Nothing to add is the usual case; the same array then keeps rows from being drawn again.
  if (parts.length === 0) return access.permissions;
  return [...new Set([...access.permissions, ...parts.flatMap(({ permissions }) => permissions)])];
}

function isAt({ kind, id }: MyAccess['parts'][number], place: Place): boolean {
  switch (kind) {
    case 'project':
      return id === place.projectId;
    case 'host':
      return id === place.hostId;
    case 'label': {
      const at = id.indexOf('=');
      return place.labels[id.slice(0, at)] === id.slice(at + 1);
    }
  }
}
