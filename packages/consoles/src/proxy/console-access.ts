import type { Listening } from '@longshore/store';
import type { ConsoleWho } from '../console-who.ts';

/** Permissions, as whoever puts the rooms together gives them: this room knows nothing of people and roles. */
export type ConsoleAccess = Readonly<{
  /** Whether somebody may use consoles of an instance now: their login or token is in force, and so is the role. */
  mayOpen(who: ConsoleWho, instanceId: string): Promise<boolean>;
  /** Tells the login or token of those whose rights may have changed; null after a gap: anyone's. */
  onChange(changed: (key: string | null) => void): Promise<Listening>;
}>;

/** What is to be remembered of a console. */
export type ConsoleRecord = Readonly<{
  action: 'console-open' | 'console-refused' | 'console-end';
  who: ConsoleWho | null;
  /** Identifier of the session, where there is one. */
  sessionId: string;
  instanceId: string | null;
  address: string;
  /** Null for what went well. */
  refusal: string | null;
  detail: Readonly<Record<string, unknown>>;
}>;

/** Writes into the audit log; rejects where that cannot be. */
export type ConsoleAudit = (record: ConsoleRecord) => Promise<void>;
