import { z } from 'zod';

/**
 * The frame around every JSON answer. Source: LXD doc/rest-api.md, "Return values". `metadata` is parsed by the
 * caller with the schema of what it asked for.
 */
export const envelopeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sync'), metadata: z.unknown() }),
  z.object({ type: z.literal('async'), operation: z.string(), metadata: z.unknown() }),
  z.object({ type: z.literal('error'), error: z.string(), error_code: z.number().int() }),
]);

export type Envelope = z.infer<typeof envelopeSchema>;

/** Go marshals nil slices and maps as null; they mean empty. */
export function nullableArray<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);
}

/** Like {@link nullableArray} for string maps such as `config`. */
export const stringMapSchema = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value): Record<string, string> => value ?? {});

/** Devices: name to options. */
export const devicesSchema = z
  .record(z.string(), z.record(z.string(), z.string()))
  .nullish()
  .transform((value): Record<string, Record<string, string>> => value ?? {});

/** Reduces a resource URL such as `/1.0/instances/c1?project=p` to its last segment and its project. */
export const resourceUrlSchema = z.string().transform((url, context) => {
  const [path = '', query = ''] = url.split('?', 2);
  const last = path.split('/').pop() ?? '';
  try {
    return {
      name: decodeURIComponent(last),
      project: new URLSearchParams(query).get('project') ?? 'default',
    };
  } catch {
    // A malformed escape: said through the schema's own way.
    context.addIssue('not a resource URL');
    return z.NEVER;
  }
});

/** A thing by its name within a project. */
export type ResourceRef = { readonly name: string; readonly project: string };
