import { audit, settings } from './en/administration.ts';
import { consoles } from './en/consoles.ts';
import { create } from './en/create.ts';
import { enrol, hosts, rePin } from './en/hosts.ts';
import { images } from './en/images.ts';
import { access, logs } from './en/instance-tabs.ts';
import { bulk, instances, power } from './en/instances.ts';
import { operations } from './en/operations.ts';
import { overview } from './en/overview.ts';
import { palette } from './en/palette.ts';
import { keys, people, roles } from './en/people.ts';
import { plots } from './en/plots.ts';
import { profile } from './en/profile.ts';
import { projects } from './en/projects.ts';
import { login, password, pending, setup } from './en/session.ts';
import { shell } from './en/shell.ts';
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
} from './en/tabs.ts';
import { tokens } from './en/tokens.ts';
import { words } from './en/words.ts';

/** All English texts, one object per page; `words` is what is one word everywhere. */
export const en = {
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
