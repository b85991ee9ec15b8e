import { INSTANCE_FILTERS, type InstanceSummary, LongshoreError, parseFilter } from '@longshore/contract';

/** An instance with the names of its host and its project: what the table shows and filters. */
export type InstanceRow = InstanceSummary & Readonly<{ hostName: string; projectName: string | null }>;

type Field = (typeof INSTANCE_FILTERS)[number];
type Test = (row: InstanceRow) => boolean;

/** What each field looks at; the same as the server's `instanceConditions`, so that typing needs no request. */
const FIELDS: Readonly<Record<Field, (value: string) => Test>> = {
  name: (value) => text(value, (row) => row.name),
  host: (value) => {
    const byName = text(value, (row) => row.hostName);
    return (row) => byName(row) || row.hostId === value;
  },
  status: (value) => text(value, (row) => row.status),
  type: (value) => text(value === 'vm' ? 'virtual-machine' : value, (row) => row.type),
  project: (value) => {
    const byName = text(value, (row) => row.projectName ?? '');
    return (row) => row.projectName !== null && (byName(row) || row.projectId === value);
  },
  lxdproject: (value) => text(value, (row) => row.lxdProject),
  label: labelTest,
  claimed: (value) => truth(value, (row) => row.claimed),
  protected: (value) => truth(value, (row) => row.protected),
  address: (value) => {
    const matches = matcher(value.toLowerCase());
    return (row) => row.addresses.some(matches);
  },
  image: (value) => text(value, (row) => row.image ?? ''),
  id: (value) => text(value, (row) => row.id),
};

/**
 * What a filter means for a row of the table.
 * @throws LongshoreError `bad-filter`
 */
export function matchFilter(filter: string): Test {
  const tests = parseFilter(filter, INSTANCE_FILTERS).map(({ field, value, negated }): Test => {
    const alternatives = value.split(',').filter((each) => each !== '');
    if (alternatives.length === 0) {
      throw new LongshoreError(
        'bad-filter',
        `The term "${field ?? ''}:${value}" of the filter names no value.`,
      );
    }
    const known = INSTANCE_FILTERS.find((name) => name === field);
    const any = alternatives.map((each) => (known === undefined ? wordTest(each) : FIELDS[known](each)));
    return (row) => any.some((test) => test(row)) !== negated;
  });
  return (row) => tests.every((test) => test(row));
}

/** The error of a filter as the search bar shows it; null when it can be read. */
export function filterError(filter: string): string | null {
  try {
    matchFilter(filter);
    return null;
  } catch (error) {
    if (error instanceof LongshoreError)
      return error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    throw error;
  }
}

function wordTest(word: string): Test {
  const matches = matcher(`*${word.toLowerCase()}*`);
  return (row) => matches(row.name.toLowerCase());
}

function labelTest(value: string): Test {
  const at = value.indexOf('=');
  if (at === -1) return (row) => Object.hasOwn(row.labels, value);
  const key = value.slice(0, at);
  const matches = matcher(value.slice(at + 1));
  return (row) => Object.hasOwn(row.labels, key) && matches(row.labels[key] ?? '');
}

function text(value: string, of: (row: InstanceRow) => string): Test {
  const matches = matcher(value);
  return (row) => matches(of(row));
}

function truth(value: string, of: (row: InstanceRow) => boolean): Test {
  if (/^(true|yes)$/i.test(value)) return of;
  if (/^(false|no)$/i.test(value)) return (row) => !of(row);
  throw new LongshoreError('bad-filter', `"${value}" is neither true nor false.`, {
    hint: 'Write true or false, such as claimed:false.',
  });
}

/** Tests for equality, with `*` for anything. Found part by part, for a pattern must not be able to take long. */
function matcher(pattern: string): (value: string) => boolean {
  if (!pattern.includes('*')) return (value) => value === pattern;
  const parts = pattern.split('*');
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  return (value) => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last))
      return false;
    const end = value.length - last.length;
    let at = first.length;
    for (const part of middle) {
      const found = value.indexOf(part, at);
      if (found === -1 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
