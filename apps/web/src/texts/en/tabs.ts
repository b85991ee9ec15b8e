export const configuration = {
  title: (name: string) => `Configure ${name}`,
  view: 'Form or YAML',
  form: 'Form',
  yaml: 'Configuration as YAML',
  key: 'Key',
  value: 'Value',
  newKey: 'New key',
  add: 'Add',
  remove: (key: string) => `Remove ${key}`,
  manyLines: (count: number) => `${count} lines; edit them as YAML`,
  save: 'Save',
  discard: 'Discard',
  reload: 'It was changed meanwhile: show it',
  unchanged: 'Nothing is changed.',
  unknownKey: (key: string) => `There is no field "${key}"; use description, profiles and config.`,
  notTexts: 'Each value under config has to be a text, a number or a truth.',
  notProfiles: 'profiles has to be a list of names.',
  notDevice: (name: string) => `The device "${name}" has to have options such as type: disk.`,
  notRecord: 'Write keys and values, such as description: text.',
};

export const devices = {
  title: (name: string) => `Devices of ${name}`,
  text: "These are the instance's own devices; its profiles on the host add theirs.",
  name: 'Device',
  type: 'Type',
  options: 'Options',
  edit: 'Edit the devices',
  yaml: 'Devices as YAML',
};

export const network = {
  none: 'No addresses',
  noneText: 'The guest has none, does not run, or its host does not tell.',
  device: 'Interface',
  address: 'Address',
  family: 'Family',
  scope: 'Scope',
  families: { ipv4: 'IPv4', ipv6: 'IPv6' },
  scopes: { global: 'global', link: 'link', local: 'local' },
};

export const snapshots = {
  name: 'Name of the snapshot',
  needsName: 'Give it a name.',
  stateful: 'With its memory',
  create: 'Take a snapshot',
  of: (name: string) => `Take a snapshot of ${name}`,
  take: (instance: string, name: string) => `Snapshot ${name} of ${instance}`,
  none: 'No snapshots',
  noneText: 'A snapshot is the state to go back to when something goes wrong.',
  age: 'Age',
  expires: 'Expires',
  restore: 'Restore',
  restoring: (instance: string, name: string) => `Set ${instance} back to ${name}`,
  restoreText: 'Everything that was changed in it since then is lost.',
  delete: 'Delete',
  deleting: (instance: string, name: string) => `Delete the snapshot ${name} of ${instance}`,
  deleteText: 'It cannot be brought back.',
};

export const exports = {
  create: 'Export',
  making: (name: string) => `Export ${name}`,
  text: 'Longshore keeps the file for a day.',
  none: 'No exports',
  noneText: 'An export is a file with all of the instance, to be kept elsewhere or imported again.',
  size: 'Size',
  download: 'Download',
  delete: 'Delete',
};

export const rename = {
  title: 'Rename',
  of: (name: string) => `Rename ${name}`,
  text: 'Only a stopped instance can be renamed.',
  name: 'New name',
  needsName: 'Give a new name.',
  doing: (from: string, to: string) => `Rename ${from} to ${to}`,
};

export const move = {
  title: 'Move',
  text: 'To another host, with its snapshots. A running instance is stopped for it and started there.',
  to: 'To host',
  ask: (name: string) => `Move ${name}?`,
  askText: 'It does not run while it is moved. If anything fails, it stays where it is.',
  doing: (name: string) => `Move ${name}`,
};

export const copying = {
  title: 'Copy',
  of: (name: string) => `Copy ${name}`,
  text: 'A second instance out of the present state of this one.',
  name: 'Name of the copy',
  doing: (from: string, to: string) => `Copy ${from} to ${to}`,
};

export const remove = {
  section: 'Delete',
  title: (name: string) => `Delete ${name}`,
  text: 'The instance, its data and its snapshots are deleted from the host. There is no way back.',
  forget: (name: string) => `Forget ${name}`,
  forgetText: 'Its host does not have it any more; only what Longshore knows of it is deleted.',
  confirm: 'Delete',
  force: 'Also if it runs: cut its power',
};
