import type { ConsoleType } from '@longshore/contract';

/** What a person has chosen to open; it stands in the address of the console's own tab. */
export type ConsoleChoice = Readonly<{
  type: ConsoleType;
  user?: string;
  shell?: string;
  mode?: 'takeover' | 'view';
  /** Whose session to take over or to view. */
  sessionId?: string;
}>;

/** Reads a choice from an address; whatever is not as it should be is left out. */
export function consoleSearch(raw: Record<string, unknown>): ConsoleChoice {
  const text = (key: string): string | undefined => {
    const value = raw[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [user, shell, sessionId] = [text('user'), text('shell'), text('sessionId')];
  const type = raw.type === 'console' ? 'console' : 'shell';
  return {
    type,
    ...(type === 'shell' && user !== undefined ? { user } : {}),
    ...(type === 'shell' && shell !== undefined ? { shell } : {}),
    // Taking over has to be asked for anew: an address that is opened again must not do it by itself.
    ...(raw.mode === 'view' ? { mode: 'view' } : {}),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}
