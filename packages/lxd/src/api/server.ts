import { z } from 'zod';
import { nullableArray } from './envelope.ts';

/** `GET /1.0`. Source: LXD api/server.go `Server`, `ServerUntrusted`. Strangers see no `environment` and no config. */
export const serverSchema = z.object({
  api_extensions: z.array(z.string()),
  api_status: z.string(),
  api_version: z.string(),
  auth: z.enum(['trusted', 'untrusted', 'guest']),
  auth_methods: nullableArray(z.string()),
  config: z.record(z.string(), z.unknown()).nullish(),
  environment: z
    .object({
      addresses: nullableArray(z.string()),
      architectures: nullableArray(z.string()),
      certificate: z.string().default(''),
      certificate_fingerprint: z.string().default(''),
      driver: z.string().default(''),
      driver_version: z.string().default(''),
      kernel: z.string().default(''),
      kernel_architecture: z.string().default(''),
      kernel_version: z.string().default(''),
      os_name: z.string().default(''),
      os_version: z.string().default(''),
      project: z.string().default('default'),
      server: z.string(),
      server_clustered: z.boolean().default(false),
      server_name: z.string().default(''),
      server_version: z.string(),
      storage: z.string().default(''),
      storage_supported_drivers: nullableArray(
        z.object({ Name: z.string(), Version: z.string(), Remote: z.boolean() }),
      ),
    })
    .optional(),
});

/** `GET /1.0/resources`. Source: LXD api/resource.go; only what placement and people look at. Memory in bytes. */
export const resourcesSchema = z.object({
  cpu: z.object({
    architecture: z.string().default(''),
    total: z.number().int(),
    sockets: nullableArray(
      z.object({
        name: z.string().default(''),
        vendor: z.string().default(''),
        socket: z.number().int().default(0),
      }),
    ),
  }),
  memory: z.object({ used: z.number(), total: z.number() }),
  gpu: z.object({ total: z.number().int() }).optional(),
  network: z
    .object({
      total: z.number().int(),
      cards: nullableArray(
        z.object({
          driver: z.string().default(''),
          vendor: z.string().default(''),
          product: z.string().default(''),
          ports: nullableArray(
            z.object({
              id: z.string().default(''),
              address: z.string().default(''),
              link_detected: z.boolean().default(false),
              link_speed: z.number().default(0),
            }),
          ),
        }),
      ),
    })
    .optional(),
  storage: z
    .object({
      total: z.number().int(),
      disks: nullableArray(
        z.object({
          id: z.string(),
          model: z.string().default(''),
          type: z.string().default(''),
          size: z.number().default(0),
          removable: z.boolean().default(false),
        }),
      ),
    })
    .optional(),
  system: z
    .object({
      uuid: z.string().default(''),
      vendor: z.string().default(''),
      product: z.string().default(''),
      type: z.string().default(''),
    })
    .optional(),
});
export type Resources = z.infer<typeof resourcesSchema>;

/** `GET /1.0/warnings`. Source: LXD api/warning.go. */
export const warningSchema = z.object({
  uuid: z.string(),
  status: z.string(),
  type: z.string(),
  severity: z.string(),
  count: z.number().int(),
  first_seen_at: z.string(),
  last_seen_at: z.string(),
  last_message: z.string().default(''),
  project: z.string().default(''),
  location: z.string().default(''),
  entity_url: z.string().default(''),
});
export type Warning = z.infer<typeof warningSchema>;

/** `GET /1.0/projects`. Source: LXD api/project.go. */
export const projectSchema = z.object({
  name: z.string(),
  description: z.string().default(''),
  config: z
    .record(z.string(), z.string())
    .nullish()
    .transform((c): Record<string, string> => c ?? {}),
  used_by: nullableArray(z.string()),
});
export type Project = z.infer<typeof projectSchema>;
