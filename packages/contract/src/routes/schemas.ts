import { z } from 'zod';
import { Id, SnapshotName } from '../names.ts';
import { Operation } from '../resources/operation.ts';

/** For routes without parameters, query or body. */
export const None = z.object({}).strict();
/** A reply without content. */
export const Empty = z.undefined();
export const ById = z.object({ id: Id }).strict();
export const BySnapshot = z.object({ id: Id, snapshot: SnapshotName }).strict();
/** What every change answers: it is remembered, and here is where to watch it. */
export const Accepted = z.object({ operation: Operation }).meta({ id: 'Accepted' });
export type Accepted = z.infer<typeof Accepted>;
