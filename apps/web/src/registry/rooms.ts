import { auditRoom } from '../audit/room.tsx';
import { consolesRoom } from '../consoles/room.tsx';
import { hostsRoom } from '../hosts/room.tsx';
import { imagesRoom } from '../images/room.tsx';
import { instancesRoom } from '../instances/room.tsx';
import { operationsRoom } from '../operations/room.tsx';
import { overviewRoom } from '../overview/room.tsx';
import { peopleRoom } from '../people/room.tsx';
import { profileRoom } from '../profile/room.tsx';
import { projectsRoom } from '../projects/room.tsx';
import { settingsRoom } from '../settings/room.tsx';
import { tokensRoom } from '../tokens/room.tsx';
import type { Room } from './room.ts';

/** Every room of the interface. A new one is one line here and a `room.tsx` in its folder. */
const rooms: readonly Room[] = [
  overviewRoom,
  instancesRoom,
  consolesRoom,
  hostsRoom,
  imagesRoom,
  operationsRoom,
  tokensRoom,
  projectsRoom,
  peopleRoom,
  auditRoom,
  settingsRoom,
  profileRoom,
];

const byPosition = (a: Readonly<{ position: number }>, b: Readonly<{ position: number }>) =>
  a.position - b.position;

/** What all rooms together add to the pages. */
export const registry = {
  navigation: rooms.flatMap((room) => room.navigation ?? []).toSorted(byPosition),
  instanceTabs: rooms.flatMap((room) => room.instanceTabs ?? []).toSorted(byPosition),
  hostTabs: rooms.flatMap((room) => room.hostTabs ?? []).toSorted(byPosition),
  instanceEntries: rooms.flatMap((room) => room.instanceEntries ?? []),
  commands: rooms.flatMap((room) => room.commands ?? []),
} as const;
