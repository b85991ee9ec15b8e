import type { InstancePage, InstanceSummary } from '@longshore/contract';
import { CliError } from '../cli-error.ts';
import { collectPages } from '../collect-pages.ts';
import { safeText } from '../output/safe-text.ts';
import type { Run } from '../run.ts';

/** An instance with the name of its host and how fresh what we know of it is. */
export type InstanceRow = InstanceSummary &
  Readonly<{
    hostName: string;
    hostOnline: boolean;
    hostObservedAt: string | null;
    projectName: string | null;
  }>;

/** What an instance is named by. */
type Named = Pick<InstanceRow, 'id' | 'name' | 'hostName'>;

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The server takes 1024 characters; names have at most 63. */
const NAMES_PER_REQUEST = 14;

/** True for a text that is an identifier of ours. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** Joins the hosts of pages to their instances. */
export function instanceRows(pages: readonly InstancePage[]): readonly InstanceRow[] {
  return pages.flatMap((page) =>
    page.items.map((item) => {
      const host = page.hosts[item.hostId];
      return {
        ...item,
        hostName: host?.name ?? item.hostId,
        hostOnline: host?.status === 'online',
        hostObservedAt: host?.observedAt ?? null,
        projectName: item.projectId === null ? null : (page.projects[item.projectId]?.name ?? item.projectId),
      };
    }),
  );
}

/** All instances that a filter fits. */
export async function filterInstances(run: Run, filter: string): Promise<readonly InstanceRow[]> {
  const { pages } = await collectPages(undefined, async (page) => {
    const { value } = await run.call('listInstances', { query: { filter, ...page } });
    return value;
  });
  return instanceRows(pages);
}

/**
 * Finds instances by `NAME`, `HOST/NAME` or identifier, in the order given, each once.
 * @throws CliError `not-found`, or `ambiguous` with the candidates
 */
export async function findInstances(run: Run, names: readonly string[]): Promise<readonly InstanceRow[]> {
  const found: InstanceRow[] = [];
  for (let at = 0; at < names.length; at += NAMES_PER_REQUEST) {
    const some = names.slice(at, at + NAMES_PER_REQUEST);
    const filters = filtersFor(some);
    const rows = (await Promise.all(filters.map((filter) => filterInstances(run, filter)))).flat();
    found.push(...some.map((name) => pick(name, rows)));
  }
  return [...new Map(found.map((row) => [row.id, row])).values()];
}

/** One instance by `NAME`, `HOST/NAME` or identifier. */
export async function findInstance(run: Run, name: string): Promise<InstanceRow> {
  const [row] = await findInstances(run, [name]);
  if (row === undefined) throw missing(name);
  return row;
}

function filtersFor(names: readonly string[]): readonly string[] {
  const ids = names.filter(isId);
  const labels = names.filter((name) => !isId(name)).map((name) => nameIn(name));
  return [
    ...(ids.length > 0 ? [`id:${ids.join(',').toLowerCase()}`] : []),
    ...(labels.length > 0 ? [`name:${[...new Set(labels)].join(',')}`] : []),
  ];
}

/** The instance's name in `NAME` or `HOST/NAME`; what cannot be a name is not sent to the server. */
function nameIn(text: string): string {
  const name = text.slice(text.indexOf('/') + 1);
  if (/^[a-zA-Z0-9._-]{1,63}$/.test(name)) return name;
  throw missing(text);
}

/** Chooses among the rows the one that a text names. */
export function pick<Row extends Named>(text: string, rows: readonly Row[]): Row {
  const slash = text.indexOf('/');
  const fitting = rows.filter((row) =>
    isId(text)
      ? row.id === text.toLowerCase()
      : row.name === text.slice(slash + 1) && (slash === -1 || row.hostName === text.slice(0, slash)),
  );
  const unique = [...new Map(fitting.map((row) => [row.id, row])).values()];
  const [only] = unique;
  if (only === undefined) throw missing(text);
  if (unique.length === 1) return only;
  const candidates = unique.map((row) => `  ${row.hostName}/${row.name}  ${row.id}`).map(safeText);
  throw new CliError('ambiguous', `"${text}" fits ${unique.length} instances:\n${candidates.join('\n')}`, {
    hint: 'Name it by HOST/NAME, or by its identifier.',
  });
}

function missing(name: string): CliError {
  return new CliError('not-found', `There is no instance "${name}".`, {
    hint: 'See `longshore list`.',
  });
}

/** Names that can be given back to this command: `HOST/NAME` where a name stands twice in the list. */
export function instanceHandle(rows: readonly Named[]): (row: Named) => string {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.name, (counts.get(row.name) ?? 0) + 1);
  return (row) => ((counts.get(row.name) ?? 0) > 1 ? `${row.hostName}/${row.name}` : row.name);
}
