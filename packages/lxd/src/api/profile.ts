import { z } from 'zod';
import { devicesSchema, nullableArray, stringMapSchema } from './envelope.ts';

/** Source: LXD api/profile.go. */
export const profileSchema = z.object({
  name: z.string(),
  description: z.string().default(''),
  config: stringMapSchema,
  devices: devicesSchema,
  used_by: nullableArray(z.string()),
  project: z.string().default('default'),
});
export type Profile = z.infer<typeof profileSchema>;
export type ProfileEdit = Partial<Pick<Profile, 'description' | 'config' | 'devices'>>;
