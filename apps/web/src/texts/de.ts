import { audit, settings } from './de/administration.ts';
import { consoles } from './de/consoles.ts';
import { create } from './de/create.ts';
import { enrol, hosts, rePin } from './de/hosts.ts';
import { images } from './de/images.ts';
import { access, logs } from './de/instance-tabs.ts';
import { bulk, instances, power } from './de/instances.ts';
import { operations } from './de/operations.ts';
import { overview } from './de/overview.ts';
import { palette } from './de/palette.ts';
import { keys, people, roles } from './de/people.ts';
import { plots } from './de/plots.ts';
import { profile } from './de/profile.ts';
import { projects } from './de/projects.ts';
import { login, password, pending, setup } from './de/session.ts';
import { shell } from './de/shell.ts';
import {
  configuration,
  copying,
  devices,
  exports,
  move,
  network,
  remove,
  rename,
  snapshots,
} from './de/tabs.ts';
import { tokens } from './de/tokens.ts';
import { words } from './de/words.ts';
import type { Texts } from './texts.ts';

/** All German texts. The type forces them to be complete. */
export const de: Texts = {
  ...words,
  shell,
  palette,
  plots,
  logs,
  access,
  login,
  setup,
  pending,
  password,
  overview,
  hosts,
  rePin,
  enrol,
  instances,
  power,
  bulk,
  consoles,
  configuration,
  devices,
  network,
  snapshots,
  exports,
  rename,
  move,
  copying,
  remove,
  create,
  images,
  operations,
  tokens,
  people,
  roles,
  keys,
  profile,
  projects,
  audit,
  settings,
};
