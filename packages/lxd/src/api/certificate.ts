import { z } from 'zod';
import { nullableArray } from './envelope.ts';

/** An entry of the server's trust store. Source: LXD api/certificate.go. */
export const certificateSchema = z.object({
  fingerprint: z.string(),
  name: z.string().default(''),
  type: z.string(),
  certificate: z.string().default(''),
  restricted: z.boolean().default(false),
  projects: nullableArray(z.string()),
});
export type Certificate = z.infer<typeof certificateSchema>;
