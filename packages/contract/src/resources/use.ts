import { z } from 'zod';
import { Id, Timestamp } from '../names.ts';

const Counter = z.number().min(0);
const rate = z
  .number()
  .min(0)
  .nullable()
  .describe('Over the time since the sample before; null in the first one.');

/** What an instance used at one moment, as its host told. */
export const UseSample = z
  .object({
    at: Timestamp,
    processes: z.int(),
    cpuSeconds: Counter.describe('Processor time since the start, over all CPUs.'),
    cpuPercent: rate.describe(
      'Of one CPU since the sample before, so 200 are two busy ones; null in the first.',
    ),
    memoryBytes: Counter,
    memoryTotalBytes: Counter.nullable().describe('What it may use; null where the host does not tell.'),
    swapBytes: Counter,
    disks: z.array(z.object({ name: z.string(), usedBytes: Counter, totalBytes: Counter.nullable() })),
    networks: z.array(
      z.object({
        name: z.string().describe('Of the interface inside of the instance.'),
        receivedBytes: Counter,
        sentBytes: Counter,
        receivedPackets: Counter,
        sentPackets: Counter,
        receivedBytesPerSecond: rate,
        sentBytesPerSecond: rate,
      }),
    ),
  })
  .meta({ id: 'UseSample' });
export type UseSample = z.infer<typeof UseSample>;

/**
 * Present use of an instance. To look is to ask for it: for 30 s after the last look its host is asked every 2 s, and
 * each sample is an event `instance.use` as well.
 */
export const InstanceUse = z
  .object({
    instanceId: Id,
    everySeconds: z.number(),
    watchedUntil: Timestamp,
    sample: UseSample.nullable().describe('Null until the host has told: look again, or follow the events.'),
    failure: z.string().nullable().describe('Why the host does not tell, where it was asked in vain.'),
  })
  .meta({ id: 'InstanceUse' });
export type InstanceUse = z.infer<typeof InstanceUse>;

const mean = z.number().nullable();

/** Use at one moment, or on average over one step. */
export const UsePoint = z
  .object({
    at: Timestamp,
    cpuPercent: mean.describe('Of all CPU threads together, 0 to 100; null where it is not known.'),
    memoryUsedBytes: mean,
    memoryTotalBytes: mean,
    diskUsedBytes: mean,
    diskTotalBytes: mean,
  })
  .meta({ id: 'UsePoint' });
export type UsePoint = z.infer<typeof UsePoint>;

/** Use over time: points in order, `stepSeconds` apart; none where nothing was measured. */
export const UseHistory = z
  .object({
    from: Timestamp,
    to: Timestamp,
    stepSeconds: z.int(),
    points: z.array(UsePoint),
  })
  .meta({ id: 'UseHistory' });
export type UseHistory = z.infer<typeof UseHistory>;

/** One log file of an instance on its host. */
export const InstanceLog = z
  .object({
    name: z.string(),
    sizeBytes: z.int().nullable().describe('Null where the host does not tell.'),
  })
  .meta({ id: 'InstanceLog' });
export type InstanceLog = z.infer<typeof InstanceLog>;

/** Name of a log: a file that the host lists, or `console` for what the guest wrote to its console. */
export const LogName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'use the name as it is listed');
