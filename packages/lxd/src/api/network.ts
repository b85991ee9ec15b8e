import { z } from 'zod';
import { nullableArray, stringMapSchema } from './envelope.ts';

/** Source: LXD api/network.go. Also lists the host's own interfaces, with `managed` false. */
export const networkSchema = z.object({
  name: z.string(),
  type: z.string(),
  managed: z.boolean(),
  status: z.string().default(''),
  description: z.string().default(''),
  config: stringMapSchema,
  used_by: nullableArray(z.string()),
  locations: nullableArray(z.string()),
  project: z.string().default('default'),
});
export type Network = z.infer<typeof networkSchema>;
export type NetworkEdit = Partial<Pick<Network, 'description' | 'config'>>;
export type NetworkCreate = NetworkEdit & { readonly name: string; readonly type?: string };

/** Source: LXD api/network.go `NetworkLease`. */
export const networkLeaseSchema = z.object({
  hostname: z.string().default(''),
  hwaddr: z.string().default(''),
  address: z.string(),
  type: z.string(),
});
export type NetworkLease = z.infer<typeof networkLeaseSchema>;
