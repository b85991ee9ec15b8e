/**
 * LXD's list filter (LXD doc/rest-api.md, "Filtering"): `name eq web and config.user.team ne blue`.
 * `and` and `or` bind from left to right, `not` turns one clause round; there are no brackets.
 */
export function matchesFilter(filter: string, value: unknown): boolean {
  const words = filter.match(/"[^"]*"|\S+/g) ?? [];
  let result: boolean | null = null;
  let join = 'and';
  let position = 0;
  while (position < words.length) {
    const negated = words[position] === 'not';
    if (negated) position++;
    const [field = '', operator = '', wanted = ''] = words.slice(position, position + 3);
    position += 3;
    const equal = text(lookUp(value, field)) === wanted.replace(/^"|"$/g, '');
    const holds = (operator === 'ne' ? !equal : equal) !== negated;
    result = result === null ? holds : join === 'or' ? result || holds : result && holds;
    join = words[position] ?? 'and';
    position++;
  }
  return result ?? true;
}

/** Keys hold dots themselves (`config.user.team`), so the longest key that fits wins. */
function lookUp(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, path)) return Reflect.get(value, path);
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const head = path.slice(0, dot);
    if (Object.hasOwn(value, head)) return lookUp(Reflect.get(value, head), path.slice(dot + 1));
  }
  return undefined;
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
