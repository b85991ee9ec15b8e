/** State of a list that its address holds. */
export type ListSearch = Readonly<{
  filter?: string;
  sort?: string;
  /** Identifier of what is shown beside the list. */
  selected?: string;
}>;

/** Reads the state of a list from the address; whatever is not as it should be is left out. */
export function listSearch(raw: Record<string, unknown>): ListSearch {
  const { filter, sort, selected } = raw;
  return {
    ...(textOf(filter) === undefined ? {} : { filter: textOf(filter) ?? '' }),
    ...(textOf(sort) === undefined ? {} : { sort: textOf(sort) ?? '' }),
    ...(textOf(selected) === undefined ? {} : { selected: textOf(selected) ?? '' }),
  };
}

/** Which tab of a page is open. */
export type TabSearch = Readonly<{ tab?: string }>;

export function tabSearch(raw: Record<string, unknown>): TabSearch {
  const tab = textOf(raw.tab);
  return tab === undefined ? {} : { tab };
}

/** A list on one of several tabs. */
export function listTabSearch(raw: Record<string, unknown>): ListSearch & TabSearch {
  return { ...listSearch(raw), ...tabSearch(raw) };
}

/** The profile; `error` is how the linking of an account at a provider ended. */
export function profileSearch(raw: Record<string, unknown>): TabSearch & Readonly<{ error?: string }> {
  const error = textOf(raw.error);
  return { ...tabSearch(raw), ...(error === undefined ? {} : { error }) };
}

/** Why the last login failed, and where the next is to lead. */
export type LoginSearch = Readonly<{ error?: string; next?: string }>;

export function loginSearch(raw: Record<string, unknown>): LoginSearch {
  const [error, next] = [textOf(raw.error), textOf(raw.next)];
  return { ...(error === undefined ? {} : { error }), ...(next === undefined ? {} : { next }) };
}

/** The router reads `filter=12` as a number. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Changes one part of the state of a list; empty takes it away. For the `search` of the router's `navigate`. */
export function changeSearch(
  part: keyof ListSearch,
  value: string | undefined,
): (now: ListSearch) => ListSearch {
  return ({ [part]: _, ...rest }) =>
    value === undefined || value === '' ? rest : { ...rest, [part]: value };
}
