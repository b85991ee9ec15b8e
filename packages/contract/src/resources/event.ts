import { z } from 'zod';
import { Timestamp } from '../names.ts';

/** What changed. The data is small; a client that needs the whole object reads it. */
export const FleetEvent = z
  .object({
    id: z.string().describe('Position in the stream; send it as Last-Event-ID to go on after it.'),
    at: Timestamp,
    type: z.enum([
      'host.changed',
      'host.removed',
      'instance.changed',
      'instance.removed',
      'instance.expiring',
      'instance.use',
      'project.changed',
      'project.removed',
      'operation.changed',
      'image.changed',
      'image.removed',
      'stream.reset',
    ]),
    resourceId: z.string(),
    hostId: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'FleetEvent' });
export type FleetEvent = z.infer<typeof FleetEvent>;
