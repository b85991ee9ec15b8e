import type { InstanceStatus } from '@longshore/contract';
import type { InstanceObservation } from './instance-observation.ts';

/** What matching needs to know of an instance's row. */
export type KnownInstance = {
  readonly id: string;
  readonly hostId: string;
  readonly lxdProject: string;
  readonly name: string;
  readonly hostUuid: string | null;
  readonly status: InstanceStatus;
  /** Number of the read that last wrote it. */
  readonly observation: number;
  /** An unfinished operation has it. */
  readonly busy: boolean;
};

/** An instance that we took away from a place on this host. */
export type Departure = {
  readonly lxdProject: string;
  readonly name: string;
  readonly observation: number;
  /** The instance still exists and its operation is not finished: what is left behind is that operation's business. */
  readonly unfinished: boolean;
};

export type ReadToMatch = {
  readonly hostId: string;
  /** Number of the read. */
  readonly observation: number;
  readonly seen: readonly InstanceObservation[];
  /** Rows of this host, and rows of other hosts that bear a mark seen here. */
  readonly known: readonly KnownInstance[];
  readonly departures: readonly Departure[];
  /** The read is for an operation's own instance: a pending row becomes what was seen, a gone one `missing`. */
  readonly settlesPending: boolean;
};

/** What a read means for the rows. Rows that are known and neither seen nor updated are `unseen`. */
export type Matching = {
  readonly updates: readonly { readonly id: string; readonly seen: InstanceObservation }[];
  readonly adoptions: readonly InstanceObservation[];
  readonly unseen: readonly KnownInstance[];
};

const placeOf = (project: string, name: string): string => `${project}\n${name}`;

/**
 * Finds each seen instance's row: by the host's own identifier (which follows renames), then by our mark, then by
 * name. What has none is adopted, unless we took it away from there ourselves. Each row is given to one instance at
 * most, the one at the row's own place first: a copy made on the host bears its original's mark, and an import its
 * original's identifier. Pure; docs/spec/host-sync.md I3 to I7.
 */
export function matchInstances(read: ReadToMatch): Matching {
  const here = read.known.filter((row) => row.hostId === read.hostId);
  const byId = new Map(read.known.map((row) => [row.id, row]));
  const byUuid = new Map(here.flatMap((row) => (row.hostUuid === null ? [] : [[row.hostUuid, row]])));
  const byPlace = placesOf(here);
  const given = new Map<string, InstanceObservation>();
  const left = new Set(read.seen);
  const give = (row: KnownInstance, seen: InstanceObservation): void => {
    if (given.has(row.id)) return;
    given.set(row.id, seen);
    left.delete(seen);
  };

  for (const seen of atHomeFirst([...left], (one) => byUuid.get(one.host_uuid ?? ''))) {
    const row = byUuid.get(seen.host_uuid ?? '');
    if (row !== undefined) give(row, seen);
  }
  for (const seen of atHomeFirst([...left], (one) => byId.get(one.mark ?? ''))) {
    const row = byId.get(seen.mark ?? '');
    if (row === undefined) continue;
    if (row.hostId !== read.hostId) {
      if (row.busy)
        left.delete(seen); // a move under way: its operation knows
      else if (row.status === 'missing') give(row, seen); // moved behind our back
    } else if (row.hostUuid === null || row.status === 'missing' || isAtHome(row, seen)) give(row, seen);
  }
  for (const seen of [...left]) {
    const row = byPlace.get(placeOf(seen.lxd_project, seen.name));
    if (row === undefined) continue;
    // The name of an instance that is being made, without its mark: somebody else's. The operation will fail on it.
    if (row.status === 'pending') left.delete(seen);
    else if (row.hostUuid === null || seen.host_uuid === null) give(row, seen);
  }

  const ours = new Set(
    read.departures
      .filter((one) => one.unfinished || one.observation > read.observation)
      .map((one) => placeOf(one.lxdProject, one.name)),
  );
  const adoptions = [...left].filter((seen) => !ours.has(placeOf(seen.lxd_project, seen.name)));
  const updates = [...given].flatMap(([id, seen]) => {
    const row = byId.get(id);
    if (row === undefined || isOutdated(row, seen, read.observation)) return [];
    // Half-made things look stopped; the operation says when it is there.
    if (row.status === 'pending' && row.busy && !read.settlesPending) return [];
    return [{ id, seen }];
  });
  return { updates, adoptions, unseen: here.filter((row) => !given.has(row.id)) };
}

/**
 * Whether a newer read wrote the row. One that found the row's old place empty says nothing of another place: of the
 * two reads that follow a rename, either may come first.
 */
function isOutdated(row: KnownInstance, seen: InstanceObservation, observation: number): boolean {
  return row.observation >= observation && !(row.status === 'missing' && !isAtHome(row, seen));
}

/** Rows by place; a missing one keeps its old name, so the one that is there now comes first. */
function placesOf(rows: readonly KnownInstance[]): Map<string, KnownInstance> {
  const places = new Map<string, KnownInstance>();
  for (const row of rows) {
    const place = placeOf(row.lxdProject, row.name);
    if (row.status !== 'missing' || !places.has(place)) places.set(place, row);
  }
  return places;
}

function isAtHome(row: KnownInstance, seen: InstanceObservation): boolean {
  return row.lxdProject === seen.lxd_project && row.name === seen.name;
}

function atHomeFirst(
  all: readonly InstanceObservation[],
  rowOf: (seen: InstanceObservation) => KnownInstance | undefined,
): InstanceObservation[] {
  const isHome = (seen: InstanceObservation): boolean => {
    const row = rowOf(seen);
    return row !== undefined && isAtHome(row, seen);
  };
  return [...all.filter(isHome), ...all.filter((seen) => !isHome(seen))];
}

/** Whether a row that a read did not find on its host becomes `missing`. */
export function becomesMissing(
  row: KnownInstance,
  read: Pick<ReadToMatch, 'observation' | 'settlesPending'>,
): boolean {
  if (row.status === 'missing' || row.status === 'pending' || row.observation >= read.observation)
    return false;
  return read.settlesPending || !row.busy;
}
