import { z } from 'zod';
import { Fingerprint, Id, Timestamp } from '../names.ts';
import { ImageSource, InstanceType } from './instance.ts';

/** An image as the fleet has it: the same fingerprint on any number of hosts. Size in bytes. */
export const Image = z
  .object({
    fingerprint: Fingerprint,
    description: z.string(),
    type: InstanceType,
    architecture: z.string(),
    sizeBytes: z.number(),
    createdAt: Timestamp.nullable(),
    hosts: z.array(z.object({ hostId: Id, lxdProject: z.string(), aliases: z.array(z.string()) })),
  })
  .meta({ id: 'Image' });
export type Image = z.infer<typeof Image>;

/** Brings an image to hosts, from a remote server or from another host of the fleet. */
export const ImageCopy = z
  .strictObject({
    source: ImageSource,
    hosts: z.array(z.string().min(1).max(63)).min(1).max(1000),
    aliases: z.array(z.string().min(1).max(255)).max(16).default([]),
    type: InstanceType.default('container'),
  })
  .meta({ id: 'ImageCopy' });
export type ImageCopy = z.infer<typeof ImageCopy>;

/** Takes an image away from hosts; without `hosts`, from all that have it. */
export const ImageRemoval = z
  .strictObject({ hosts: z.array(z.string().min(1).max(63)).max(1000) })
  .partial()
  .meta({ id: 'ImageRemoval' });
export type ImageRemoval = z.infer<typeof ImageRemoval>;
