import { z } from 'zod';
import { nullableArray, stringMapSchema } from './envelope.ts';

/** Source: LXD api/storage_pool.go. */
export const storagePoolSchema = z.object({
  name: z.string(),
  driver: z.string(),
  status: z.string().default(''),
  description: z.string().default(''),
  config: stringMapSchema,
  used_by: nullableArray(z.string()),
  locations: nullableArray(z.string()),
});
export type StoragePool = z.infer<typeof storagePoolSchema>;
export type StoragePoolEdit = Partial<Pick<StoragePool, 'description' | 'config'>>;
export type StoragePoolCreate = StoragePoolEdit & { readonly name: string; readonly driver: string };

/** Source: LXD api/resource.go `ResourcesStoragePool`. Bytes and counts. */
export const storagePoolResourcesSchema = z.object({
  space: z.object({ used: z.number().default(0), total: z.number().default(0) }),
  inodes: z.object({ used: z.number().default(0), total: z.number().default(0) }).optional(),
});
export type StoragePoolResources = z.infer<typeof storagePoolResourcesSchema>;
