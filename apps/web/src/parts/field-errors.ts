import type { LongshoreError } from '@longshore/contract';

/** The errors of a form by field; what belongs to no field that was asked for is `rest`. */
export type FieldErrors = Readonly<{ at(path: string): string | undefined; rest: string | null }>;

/** Sorts the problem of a refused form to its fields. A path such as `limits.cpu` also belongs to `limits`. */
export function fieldErrors(error: Pick<LongshoreError, 'message' | 'hint' | 'fields'> | null): FieldErrors {
  const fields = error?.fields ?? [];
  return {
    at: (path) =>
      fields
        .filter((field) => plain(field.path) === path || plain(field.path).startsWith(`${path}.`))
        .map((field) => field.message)
        .join('; ') || undefined,
    rest:
      error === null || fields.length > 0
        ? null
        : error.hint === undefined
          ? error.message
          : `${error.message} ${error.hint}`,
  };
}

/** The server names the part of the request too: `body.limits.cpu`, or `/limits/cpu`. */
function plain(path: string): string {
  return path
    .replace(/^\//, '')
    .replaceAll('/', '.')
    .replace(/^body\./, '');
}
