/** Columns of the table of instances, in their order. */
export const COLUMNS = [
  'name',
  'status',
  'host',
  'type',
  'addresses',
  'image',
  'limits',
  'labels',
  'project',
  'lxdproject',
  'snapshots',
  'created',
  'observed',
] as const;
export type Column = (typeof COLUMNS)[number];

const KEY = 'longshore.columns.instances';
const HIDDEN_AT_FIRST: readonly Column[] = ['limits', 'project', 'lxdproject', 'snapshots', 'created'];

/** The columns that this browser does not show; whatever was kept is checked, for it may be of another version. */
export function hiddenColumns(storage: Pick<Storage, 'getItem'>): readonly Column[] {
  const kept = storage.getItem(KEY);
  if (kept === null) return HIDDEN_AT_FIRST;
  const names = kept.split(',');
  return COLUMNS.filter((column) => column !== 'name' && names.includes(column));
}

/** Remembers which columns are hidden. The name always stays: a row without it is nobody's. */
export function keepHiddenColumns(storage: Pick<Storage, 'setItem'>, hidden: readonly Column[]): void {
  storage.setItem(KEY, hidden.filter((column) => column !== 'name').join(','));
}
