import type { Query } from '@longshore/store';
import { z } from 'zod';

/** A key that is to be in a guest, or is there. */
export const GuestKey = z.object({
  /** `SHA256:…` */
  fingerprint: z.string(),
  type: z.string(),
  /** `TYPE BASE64` */
  publicKey: z.string(),
  comment: z.string(),
  personId: z.string(),
  /** The name that the person logs in to Longshore with. */
  person: z.string(),
});
export type GuestKey = z.infer<typeof GuestKey>;

/** Where an instance is, as far as it decides who may log in. */
export type GuestPlace = Readonly<{
  projectId: string | null;
  hostId: string;
  labels: Readonly<Record<string, string>>;
}>;

/** Tells which keys a guest at a place shall have now. The fleet does not know people: whoever does gives it this. */
export type GuestKeySource = (query: Query, place: GuestPlace) => Promise<readonly GuestKey[]>;

/** A part of the fleet whose guests are to be looked at. */
export type GuestKeysPlace = Readonly<{
  kind: 'instance' | 'fleet' | 'project' | 'host' | 'label';
  /** Identifier of the instance, project or host, `KEY=VALUE` of the label, or nothing. */
  scope: string;
}>;
