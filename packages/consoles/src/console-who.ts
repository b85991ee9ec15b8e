import { z } from 'zod';

/** Who uses a console: what is needed to ask later whether they still may. */
export const ConsoleWho = z.object({
  kind: z.enum(['person', 'robot', 'set-up']),
  id: z.string(),
  name: z.string(),
  /** Of the token that asked, or null. */
  tokenId: z.string().nullable(),
  /** Of the browser's session at Longshore, or null. */
  loginId: z.string().nullable(),
  /** When the token ends (RFC 3339); null: never, or a login. */
  expiresAt: z.string().nullable(),
});
export type ConsoleWho = z.infer<typeof ConsoleWho>;

/** What a changed login or token is told by. */
export function loginKeyOf(who: ConsoleWho): string {
  return who.loginId ?? who.tokenId ?? who.id;
}
