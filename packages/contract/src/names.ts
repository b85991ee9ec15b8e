import { z } from 'zod';

/** Identifier that Longshore gives: a UUID in lower case. */
export const Id = z.uuid().toLowerCase();

/** Instance name: a DNS label that starts with a letter, as LXD's `instance.ValidName` wants it (RFC 1123). */
export const InstanceName = z
  .string()
  .regex(
    /^[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/,
    'use 1 to 63 letters, digits and hyphens; start with a letter, do not end with a hyphen',
  );

/** Host name in the fleet: a lower-case DNS label. */
export const HostName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'use 1 to 63 lower-case letters, digits and hyphens; start and end with a letter or digit',
  );

/** Snapshot name: LXD takes any path segment; we keep to what every shell and URL takes. */
export const SnapshotName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/, 'use 1 to 63 letters, digits, dots, underscores and hyphens');

/** Name of an LXD project on a host. */
export const LxdProject = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[^\s/'"*]+$/, 'no spaces, slashes, quotes or asterisks');

/** Address of a server that is spoken to over TLS. */
export const HttpsUrl = z
  .url({ protocol: /^https$/, error: 'give an address such as https://10.0.0.2:8443' })
  .max(512);

/** Labels of a host or an instance: what placement and filters select by. */
export const Labels = z
  .record(
    z
      .string()
      .regex(
        /^[a-z0-9](?:[a-z0-9._/-]{0,61}[a-z0-9])?$/,
        'use lower-case letters, digits, and . _ / - inside',
      ),
    z.string().max(255),
  )
  .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels')
  .meta({ id: 'Labels' });
export type Labels = z.infer<typeof Labels>;

/** SHA-256 of a DER certificate or an image, 64 hexadecimal digits in lower case. */
export const Fingerprint = z
  .string()
  .toLowerCase()
  .transform((text) => text.replaceAll(':', ''))
  .pipe(z.string().regex(/^[0-9a-f]{64}$/, 'a fingerprint has 64 hexadecimal digits'));

/** A moment, RFC 3339 in UTC. */
export const Timestamp = z.iso.datetime();
