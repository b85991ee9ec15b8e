import { StoreError } from '../store-error.ts';
import type { BackupSequence, BackupTable, SchemaVersion } from './backup-tables.ts';

/** A line of a backup that is no row. */
export type ControlLine =
  | { readonly '@': 'longshore-backup'; readonly schema: SchemaVersion }
  | ({ readonly '@': 'table' } & BackupTable)
  | { readonly '@': 'end'; readonly rows: number }
  | ({ readonly '@': 'sequence' } & BackupSequence)
  | { readonly '@': 'complete'; readonly tables: number; readonly rows: number; readonly sha256: string };

/** @throws StoreError `backup_invalid` */
export function parseControlLine(text: string): ControlLine {
  const value = parseJson(text);
  const field = reader(value);
  switch (value['@']) {
    case 'longshore-backup': {
      if (field.number('version') !== 1) throw unreadable('it has a newer format');
      const schema = reader(asRecord(value.schema));
      const version = { migrations: schema.strings('migrations'), queue: schema.number('queue') };
      return { '@': 'longshore-backup', schema: version };
    }
    case 'table': {
      const columns = field.strings('columns');
      return { '@': 'table', schema: field.string('schema'), name: field.string('name'), columns };
    }
    case 'end':
      return { '@': 'end', rows: field.number('rows') };
    case 'sequence':
      return {
        '@': 'sequence',
        schema: field.string('schema'),
        name: field.string('name'),
        value: field.string('value'),
        called: value.called === true,
      };
    case 'complete': {
      const counts = { tables: field.number('tables'), rows: field.number('rows') };
      return { '@': 'complete', ...counts, sha256: field.string('sha256') };
    }
    default:
      throw unreadable(`a line of an unknown kind (${String(value['@'])})`);
  }
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(text));
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw unreadable('a line is no JSON');
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw unreadable('a line holds no object');
  return Object.fromEntries(Object.entries(value));
}

function reader(value: Readonly<Record<string, unknown>>) {
  const wrong = (name: string) => unreadable(`a line lacks ${name}`);
  return {
    string: (name: string): string => {
      const found = value[name];
      if (typeof found !== 'string') throw wrong(name);
      return found;
    },
    number: (name: string): number => {
      const found = value[name];
      if (typeof found !== 'number') throw wrong(name);
      return found;
    },
    strings: (name: string): readonly string[] => {
      const found: unknown = value[name];
      if (!Array.isArray(found)) throw wrong(name);
      return found.map((each: unknown) => {
        if (typeof each !== 'string') throw wrong(name);
        return each;
      });
    },
  };
}

function unreadable(reason: string): StoreError {
  return new StoreError('backup_invalid', `The backup cannot be restored: ${reason}. Nothing was changed.`);
}
