import { z } from 'zod';
import { Timestamp } from '../names.ts';
import { DisplayName } from './person.ts';
import { NewToken } from './token.ts';

/** Begins the login of a program without a browser (as RFC 8628 does). */
export const DeviceLoginCreation = z
  .strictObject({ clientName: DisplayName.max(60).describe('Shown to who approves, and names the token.') })
  .meta({ id: 'DeviceLoginCreation' });

/** What the program keeps (`deviceSecret`) and what it shows (`userCode`, to be approved at `/device`). */
export const DeviceLoginBegun = z
  .object({ deviceSecret: z.string(), userCode: z.string(), intervalSeconds: z.int() })
  .meta({ id: 'DeviceLoginBegun' });
export type DeviceLoginBegun = z.infer<typeof DeviceLoginBegun>;

/** A login that waits for approval. */
export const DeviceLogin = z
  .object({ userCode: z.string(), clientName: z.string(), address: z.string(), createdAt: Timestamp })
  .meta({ id: 'DeviceLogin' });
export type DeviceLogin = z.infer<typeof DeviceLogin>;

/** Whether it was approved; the token is given once. */
export const DeviceLoginResult = z
  .object({ status: z.enum(['waiting', 'approved']), token: NewToken.nullable() })
  .meta({ id: 'DeviceLoginResult' });
export type DeviceLoginResult = z.infer<typeof DeviceLoginResult>;
