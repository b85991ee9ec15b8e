import type { ConsoleTicket } from '@longshore/contract';
import type { Store } from '@longshore/store';
import { type ConsoleSettings, DEFAULT_CONSOLE_SETTINGS } from './console-settings.ts';
import { endSession, sessionOwner } from './end-session.ts';
import { issueTicket, type TicketRequest } from './issue-ticket.ts';
import { listSessions, type SessionChoice, type SessionPage } from './list-sessions.ts';

/** What the API asks of the consoles: it works on the database alone. See each function for what it throws. */
export type ConsoleDesk = Readonly<{
  issue(request: TicketRequest): Promise<ConsoleTicket>;
  list(choice: SessionChoice): Promise<SessionPage>;
  ownerOf(id: string): Promise<Readonly<{ whoId: string; instanceId: string }>>;
  end(id: string, by: string): Promise<void>;
}>;

/** The desk on a store that is migrated with `consolesMigrations`. */
export function createConsoleDesk(store: Store, settings: Partial<ConsoleSettings> = {}): ConsoleDesk {
  const all = { ...DEFAULT_CONSOLE_SETTINGS, ...settings };
  return {
    issue: (request) => issueTicket(store, all, request),
    list: (choice) => listSessions(store, choice),
    ownerOf: (id) => sessionOwner(store, id),
    end: (id, by) => endSession(store, id, by),
  };
}
