import type { ConsoleEnding } from '@longshore/contract';
import type { WebSocket } from 'ws';
import type { ConsoleSettings } from '../console-settings.ts';
import type { SessionRow } from '../redeem-ticket.ts';
import type { ConsoleRecord } from './console-access.ts';
import { createLiveSession, type LiveSession } from './live-session.ts';
import type { Upstream } from './open-upstream.ts';

/** The sessions of one proxy. */
export type OpenConsoles = Readonly<{
  all(): readonly LiveSession[];
  get(id: string): LiveSession | undefined;
  /** Enters a session whose upstream is open. */
  add(row: SessionRow, origin: string | null, upstream: Upstream, ws: WebSocket): void;
  /** Ends a session, or one who looks along. Harmless for others' and for what has ended. */
  end(id: string, ending: ConsoleEnding): void;
  /** The same for a reason that the database tells; who is taken over gets a warning before. */
  endAs(id: string, ending: string, by: string): void;
  endAll(ending: ConsoleEnding): Promise<void>;
  /** Counts a resumption. */
  resumed(): void;
  /** Called about once a second: ends what is over. */
  tick(): void;
  figures(): Readonly<{
    sessions: Readonly<{ shell: number; console: number }>;
    detached: number;
    viewers: number;
    opened: number;
    resumed: number;
    ended: ReadonlyMap<string, number>;
  }>;
}>;

/** None at first. `tellEnd` writes an end into the database and never rejects. */
export function createOpenConsoles(options: {
  readonly now: () => number;
  readonly settings: ConsoleSettings;
  tellEnd(record: ConsoleRecord): Promise<void>;
}): OpenConsoles {
  const { now, settings, tellEnd } = options;
  const sessions = new Map<string, LiveSession>();
  const graces = new Map<string, NodeJS.Timeout>();
  const telling = new Set<Promise<void>>();
  const ended = new Map<string, number>();
  let opened = 0;
  let resumed = 0;

  const told = (record: ConsoleRecord): void => {
    const done = tellEnd(record).finally(() => telling.delete(done));
    telling.add(done);
  };
  const recordOf = (row: SessionRow, ending: string, detail: Record<string, unknown>): ConsoleRecord => ({
    action: 'console-end',
    who: row.who,
    sessionId: row.id,
    instanceId: row.instance_id,
    address: row.address,
    refusal: null,
    detail: { type: row.type, access: row.access, ending, ...detail },
  });
  const add: OpenConsoles['add'] = (row, origin, upstream, ws) => {
    opened += 1;
    const session = createLiveSession(row, origin, upstream, {
      now,
      viewerLeft: (viewer) => told(recordOf(viewer, 'ended', {})),
      ended: (ending, exitCode) => {
        sessions.delete(row.id);
        clearTimeout(graces.get(row.id));
        graces.delete(row.id);
        ended.set(ending, (ended.get(ending) ?? 0) + 1);
        const { shown, typed } = session.traffic();
        const seconds = Math.round((now() - session.times().openedAt) / 1000);
        told(recordOf(row, ending, { exitCode, seconds, shownBytes: shown, typedBytes: typed }));
      },
    });
    sessions.set(row.id, session);
    session.attach(ws, null);
  };
  const end: OpenConsoles['end'] = (id, ending) => {
    const session = sessions.get(id);
    if (session !== undefined) session.end(ending);
    else for (const each of sessions.values()) if (each.endViewer(id, ending)) return;
  };

  return {
    add,
    end,
    all: () => [...sessions.values()],
    get: (id) => sessions.get(id),
    resumed: () => {
      resumed += 1;
    },
    endAs(id, ending, by) {
      switch (ending) {
        case 'taken-over':
          if (graces.has(id) || !sessions.has(id)) return;
          sessions
            .get(id)
            ?.notify({ type: 'warning', about: 'takeover', seconds: settings.graceSeconds, who: by });
          graces.set(
            id,
            setTimeout(() => end(id, 'taken-over'), settings.graceSeconds * 1000),
          );
          return;
        case 'kicked':
        case 'instance-gone':
          end(id, ending);
          return;
        default:
          // A newer Longshore wants something that this one does not know: ending is what it surely means.
          end(id, 'ended');
      }
    },
    async endAll(ending) {
      for (const session of [...sessions.values()]) session.end(ending);
      await Promise.all(telling);
    },
    tick() {
      const at = now();
      for (const session of [...sessions.values()]) {
        session.tick();
        const ending = overdue(session, at, settings);
        if (ending !== null) session.end(ending);
        for (const viewer of session.viewers()) {
          if (isPast(viewer.who.expiresAt, at)) session.endViewer(viewer.id, 'revoked');
        }
      }
    },
    figures() {
      const all = [...sessions.values()];
      const shell = all.filter(({ row }) => row.type === 'shell').length;
      return {
        sessions: { shell, console: all.length - shell },
        detached: all.filter((session) => session.times().detachedAt !== null).length,
        viewers: all.reduce((sum, session) => sum + session.viewers().length, 0),
        opened,
        resumed,
        ended,
      };
    },
  };
}

/** Why a session is over at a time, or null. */
function overdue(session: LiveSession, at: number, settings: ConsoleSettings): ConsoleEnding | null {
  const { openedAt, activeAt, detachedAt, exitedAt } = session.times();
  const past = (since: number | null, seconds: number) => since !== null && at - since > seconds * 1000;
  if (isPast(session.row.who.expiresAt, at)) return 'revoked';
  if (past(detachedAt, settings.resumeSeconds) || past(exitedAt, settings.resumeSeconds)) return 'ended';
  if (past(openedAt, settings.maxSeconds)) return 'time-over';
  return past(activeAt, settings.idleSeconds) ? 'idle' : null;
}

function isPast(moment: string | null, at: number): boolean {
  return moment !== null && Date.parse(moment) <= at;
}
