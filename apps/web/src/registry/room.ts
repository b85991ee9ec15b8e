import type { Host, Instance, MyAccess, Permission } from '@longshore/contract';
import type { Icon } from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import type { InstanceFacts } from '../permissions/why-not.ts';
import type { ActionContext } from './action-context.tsx';

/** What each tab of an instance gets. */
export type InstanceTabProps = Readonly<{ instance: Instance; etag: string | null; facts: InstanceFacts }>;

/** A tab on the page of an instance. `Content` should be lazy: it is loaded when the tab is opened. */
export type InstanceTab = Readonly<{
  /** Stands in the address. */
  id: string;
  label: string;
  /** Tabs are shown by rising position; those of the instances' own room are 10 apart. */
  position: number;
  Content: ComponentType<InstanceTabProps>;
  /** False hides it where it makes no sense, such as for a type of instance. */
  shows?(instance: Instance): boolean;
}>;

/** What each tab of a host gets. */
export type HostTabProps = Readonly<{ host: Host; etag: string | null }>;

/** A tab on the page of a host. */
export type HostTab = Readonly<{
  id: string;
  label: (host: Host) => string;
  position: number;
  Content: ComponentType<HostTabProps>;
}>;

/** A place in the navigation and in the palette. */
export type NavigationEntry = Readonly<{
  to: NonNullable<LinkProps['to']>;
  label: string;
  icon: Icon;
  position: number;
  /** It is shown to whom this is permitted somewhere in the fleet; without it, to all. */
  needs?: Permission;
  /** Active on exactly this address only, and not on those below it. */
  exact?: boolean;
}>;

/** Something that can be done with one instance: in the palette and in the menu of its page. */
export type InstanceEntry = Readonly<{
  id: string;
  /** With the name of its object. */
  label: (name: string) => string;
  icon: Icon;
  /** Why not now; null when it is possible. */
  whyNot(facts: InstanceFacts): string | null;
  run(instance: Readonly<{ id: string; name: string }>, context: ActionContext): void;
}>;

/** Something that can be done from anywhere, by the palette. */
export type Command = Readonly<{
  id: string;
  label: string;
  icon: Icon;
  /** Further words that it is found by. */
  keywords?: string;
  whyNot?(access: MyAccess): string | null;
  run(context: ActionContext): void;
}>;

/**
 * What a room of the interface adds to pages that are not its own. It stands in the room's own `room.tsx`, and one line in
 * `rooms.ts` makes it known; nothing else has to be touched.
 */
export type Room = Readonly<{
  id: string;
  navigation?: readonly NavigationEntry[];
  instanceTabs?: readonly InstanceTab[];
  hostTabs?: readonly HostTab[];
  instanceEntries?: readonly InstanceEntry[];
  commands?: readonly Command[];
}>;
