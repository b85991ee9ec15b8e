import { LongshoreError, parseFilter } from '@longshore/contract';
import { type RawBuilder, type SqlBool, sql } from '@longshore/store';

/** A condition in SQL; its values are parameters. */
export type Condition = RawBuilder<SqlBool>;

/** How one value of a field becomes a condition. `*` in it stands for anything. */
export type FieldCondition = (value: string) => Condition;

/**
 * What a filter means in SQL: all terms hold; the alternatives of a term are joined with OR; a negated term holds also
 * where its column is null.
 *
 * @param fields the conditions by field name; `word` is for bare words
 * @throws LongshoreError `bad-filter`
 */
export function filterConditions<const Field extends string>(
  text: string | undefined,
  names: readonly Field[],
  fields: Readonly<Record<Field, FieldCondition>>,
  word: FieldCondition,
): readonly Condition[] {
  if (text === undefined) return [];
  const byName = new Map<string, FieldCondition>(Object.entries<FieldCondition>(fields));
  return parseFilter(text, names).map(({ field, value, negated }) => {
    if (value.includes('\0')) throw new LongshoreError('bad-filter', 'A filter has no NUL characters.');
    const condition = field === null ? word : (byName.get(field) ?? word);
    const alternatives = value.split(',').filter((each) => each !== '');
    if (alternatives.length === 0) {
      throw new LongshoreError(
        'bad-filter',
        `The term "${field ?? ''}:${value}" of the filter names no value.`,
      );
    }
    const any = sql<SqlBool>`(${sql.join(alternatives.map(condition), sql` OR `)})`;
    return negated ? sql<SqlBool>`NOT coalesce(${any}, false)` : any;
  });
}

/** Joins conditions to what follows WHERE. */
export function allOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0
    ? sql<SqlBool>`true`
    : sql<SqlBool>`${sql.join([...conditions], sql` AND `)}`;
}

/** `column` is the value, or looks like it where the value has `*`. */
export function textCondition(column: RawBuilder<unknown>): FieldCondition {
  return (value) =>
    value.includes('*')
      ? sql<SqlBool>`${column} LIKE ${likePattern(value)}`
      : sql<SqlBool>`${column} = ${value}`;
}

/** A bare word: part of `column`, whatever the case. */
export function wordCondition(column: RawBuilder<unknown>): FieldCondition {
  return (value) => sql<SqlBool>`${column} ILIKE ${likePattern(`*${value}*`)}`;
}

/** `column` is true or false as the value says. */
export function booleanCondition(column: RawBuilder<unknown>): FieldCondition {
  return (value) => {
    if (/^(true|yes)$/i.test(value)) return sql<SqlBool>`${column}`;
    if (/^(false|no)$/i.test(value)) return sql<SqlBool>`NOT ${column}`;
    throw new LongshoreError('bad-filter', `"${value}" is neither true nor false.`, {
      hint: 'Write true or false, such as claimed:false.',
    });
  };
}

/** `label:key` (it has the label) or `label:key=value` on a jsonb column; `*` in the value is a wildcard. */
export function labelCondition(column: RawBuilder<unknown>): FieldCondition {
  return (value) => {
    const at = value.indexOf('=');
    if (at === -1) return sql<SqlBool>`jsonb_exists(${column}, ${value})`;
    const key = value.slice(0, at);
    const wanted = value.slice(at + 1);
    return wanted.includes('*')
      ? sql<SqlBool>`${column} ->> ${key} LIKE ${likePattern(wanted)}`
      : sql<SqlBool>`${column} @> ${JSON.stringify({ [key]: wanted })}::jsonb`;
  };
}

/** A LIKE pattern in which only `*` of the value is special. */
export function likePattern(value: string): string {
  return value.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
}
