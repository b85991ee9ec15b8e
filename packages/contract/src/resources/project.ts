import { z } from 'zod';
import { HostName, Id, Timestamp } from '../names.ts';

/** Name of a project: a DNS label, for it becomes a sub-zone. */
export const ProjectName = HostName;

/** A project by name or identifier. */
export const ProjectReference = z.string().min(1).max(63);

const size = z.int().min(0).nullable();

/** Limits of a project over the whole fleet; null: none. With one, each instance needs a limit of that kind. */
export const Quota = z
  .strictObject({
    instances: size,
    cpu: size.describe('`limits.cpu`, added up.'),
    memoryBytes: size.describe('`limits.memory`, added up.'),
    diskBytes: size.describe('Sizes of root disks, added up.'),
  })
  .meta({ id: 'Quota' });
export type Quota = z.infer<typeof Quota>;

/** What the instances of a project take. */
export const ProjectUse = z
  .object({
    instances: z.int(),
    cpu: z.number(),
    memoryBytes: z.number(),
    diskBytes: z.number(),
    unlimited: z
      .int()
      .describe('Instances without a limit of CPU, memory or disk: these are not in the sums.'),
  })
  .meta({ id: 'ProjectUse' });
export type ProjectUse = z.infer<typeof ProjectUse>;

const Days = z.int().min(1).max(36_500).nullable();

/** A tenant's share of the fleet. */
export const Project = z
  .object({
    id: Id,
    name: z.string(),
    description: z.string(),
    quota: Quota,
    use: ProjectUse,
    defaultLifetimeDays: Days.describe('Of new instances that say nothing else; null: for ever.'),
    maxLifetimeDays: Days.describe('Longest from now that an instance may be given; null: for ever.'),
    createdAt: Timestamp,
    createdBy: z.string(),
    revision: z.int(),
  })
  .meta({ id: 'Project' });
export type Project = z.infer<typeof Project>;

const settings = {
  description: z.string().max(1024),
  quota: Quota.partial(),
  defaultLifetimeDays: Days,
  maxLifetimeDays: Days,
};

export const ProjectCreation = z
  .strictObject({ name: ProjectName, ...z.object(settings).partial().shape })
  .meta({ id: 'ProjectCreation' });
export type ProjectCreation = z.infer<typeof ProjectCreation>;

export const ProjectPatch = z
  .strictObject({ name: ProjectName, ...settings })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one field')
  .meta({ id: 'ProjectPatch' });
export type ProjectPatch = z.infer<typeof ProjectPatch>;
