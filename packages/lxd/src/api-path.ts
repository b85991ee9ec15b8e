import { LxdError } from './lxd-error.ts';

/** Values of a query string; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Template tag for request paths: apiPath`/1.0/instances/${name}`. Each value is percent-encoded as one segment, so
 * that a name from a hostile host cannot reach another route. Names that no encoding makes safe are left for
 * {@link checkPath} to refuse.
 */
export function apiPath(parts: TemplateStringsArray, ...names: readonly string[]): string {
  return parts.reduce((path, part, i) => path + encodeURIComponent(names[i - 1] ?? '') + part);
}

/** Throws `bad-request` where a name in the path is empty or of dots alone: servers would read another path. */
export function checkPath(path: string, target: string): void {
  const bad = path
    .split('/')
    .slice(1)
    .find((segment) => segment === '' || segment === '.' || segment === '..');
  if (bad === undefined) return;
  throw new LxdError({
    code: 'bad-request',
    message: `${JSON.stringify(bad)} cannot be a name`,
    target,
    hint: 'Give a name of at least one character other than dots.',
  });
}

/** Appends `query` to `path`. */
export function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The query of list options: one project, or all of them. */
export function projectQuery(options: {
  readonly project?: string | undefined;
  readonly allProjects?: boolean | undefined;
}): Query {
  return options.allProjects ? { 'all-projects': true } : { project: options.project };
}
