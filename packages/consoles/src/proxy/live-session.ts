import { randomBytes } from 'node:crypto';
import {
  CONSOLE_ENDINGS,
  CONSOLE_INPUT_WINDOW_BYTES,
  CONSOLE_WINDOW,
  type ConsoleEnding,
  type ConsoleNotice,
  type TerminalSize,
} from '@longshore/contract';
import { hashToken, tokenMatches } from '@longshore/store';
import { WebSocket } from 'ws';
import type { SessionRow } from '../redeem-ticket.ts';
import type { Upstream } from './open-upstream.ts';
import { createUnackedBytes } from './unacked-bytes.ts';

/** Acknowledged in between at this many bytes of input; the rest at the next tick of the clock. */
const TAKEN_EVERY_BYTES = CONSOLE_INPUT_WINDOW_BYTES / 4;

/** Times of one session, in milliseconds of the process's clock. */
export type SessionTimes = Readonly<{
  openedAt: number;
  /** When something was last typed or shown. */
  activeAt: number;
  /** Since when nobody is attached; null: somebody is. */
  detachedAt: number | null;
  /** Since when its command is over, and its user has not had all of it yet. */
  exitedAt: number | null;
}>;

/** One console that is open: its upstream, the one who types, and those who look along. */
export type LiveSession = Readonly<{
  row: SessionRow;
  origin: string | null;
  times(): SessionTimes;
  /** Attaches the one who types; without `received` for the first time. @returns false where bytes are missing */
  attach(ws: WebSocket, received: number | null): boolean;
  /** Whether this is the connection of the one who types now: what an earlier one had on its way is sent again. */
  hears(ws: WebSocket): boolean;
  /** Whether a secret resumes this session. */
  mayResume(secret: string): boolean;
  view(ws: WebSocket, row: SessionRow): void;
  resize(size: TerminalSize): void;
  ack(position: number): void;
  /** What was typed. */
  type(bytes: Buffer): void;
  notify(notice: ConsoleNotice): void;
  /** Called about once a second. */
  tick(): void;
  viewers(): readonly SessionRow[];
  /** Ends one who looks along. @returns false where there is no such */
  endViewer(id: string, ending: ConsoleEnding): boolean;
  end(ending: ConsoleEnding): void;
  /** Bytes shown and typed so far. */
  traffic(): Readonly<{ shown: number; typed: number }>;
}>;

/** What a session tells. */
export type SessionCallbacks = Readonly<{
  now: () => number;
  /** Once: for this reason it has ended, and nothing of it is left. */
  ended(ending: ConsoleEnding, exitCode: number | null): void;
  viewerLeft(row: SessionRow): void;
}>;

type Viewer = { readonly ws: WebSocket; readonly row: SessionRow; missed: boolean };

/** Takes over an upstream that was opened for a session. */
export function createLiveSession(
  row: SessionRow,
  origin: string | null,
  upstream: Upstream,
  { now, ended, viewerLeft }: SessionCallbacks,
): LiveSession {
  const out = createUnackedBytes();
  const viewers = new Set<Viewer>();
  const openedAt = now();
  let writer: WebSocket | null = null;
  let secretHash = '';
  let activeAt = openedAt;
  let detachedAt: number | null = openedAt;
  let received = 0; // of what was typed
  let taken = 0; // by the instance
  let takenTold = 0;
  let exitedAt: number | null = null;
  let over: 'no' | 'exited' | 'ended' = 'no';
  let exitCode: number | null = null;

  const end = (ending: ConsoleEnding): void => {
    if (over === 'ended') return;
    over = 'ended';
    upstream.close();
    if (writer !== null) closeWith(writer, ending);
    for (const { ws } of viewers) closeWith(ws, ending);
    ended(ending, exitCode);
  };
  const exit = (): void => {
    if (over !== 'no') return;
    over = 'exited';
    exitedAt = now();
    for (const ws of [writer, ...[...viewers].map((viewer) => viewer.ws)]) {
      if (ws !== null) tell(ws, { type: 'exit', code: exitCode });
    }
    // Who is away, or loses the connection just now, may still come back for the last lines.
    if (writer !== null && out.size() === 0) end('ended');
  };

  upstream.stream.on('data', (chunk: Buffer) => {
    activeAt = now();
    out.push(chunk);
    if (writer !== null) writer.send(chunk);
    for (const viewer of viewers) show(viewer, chunk);
    // Nothing is thrown away: a program that shows more than its user takes has to wait, as on any terminal.
    if (out.size() >= CONSOLE_WINDOW.highBytes) upstream.stream.pause();
  });
  upstream.stream.on('error', () => end('host-failed'));
  const finished = (): void => {
    upstream.exitCode.then(
      (code) => {
        exitCode = code;
        exit();
      },
      () => end('host-failed'),
    );
  };
  upstream.stream.once('end', finished);
  upstream.stream.once('close', finished);
  upstream.exitCode.catch(() => {
    // Told by the stream, which may have bytes left.
  });

  const tellTaken = (): void => {
    takenTold = taken;
    if (writer !== null) tell(writer, { type: 'taken', bytes: taken });
  };
  const tellViewers = (): void => {
    const names = [...viewers].map((viewer) => viewer.row.who.name);
    if (writer !== null) tell(writer, { type: 'viewers', names });
  };
  const leave = (viewer: Viewer): void => {
    if (!viewers.delete(viewer)) return;
    viewerLeft(viewer.row);
    tellViewers();
  };

  return {
    row,
    origin,
    times: () => ({ openedAt, activeAt, detachedAt, exitedAt }),
    traffic: () => ({ shown: out.end(), typed: taken }),
    viewers: () => [...viewers].map((viewer) => viewer.row),
    hears: (ws) => ws === writer,
    mayResume: (secret) => secretHash !== '' && tokenMatches(secret, secretHash),
    attach(ws, position) {
      const missing = out.from(position ?? 0);
      if (missing === null) return false;
      if (writer !== null) closeWith(writer, 'replaced');
      writer = ws;
      detachedAt = null;
      // A secret is good for one resumption.
      const secret = randomBytes(32).toString('base64url');
      secretHash = hashToken(secret);
      // What was typed and not taken yet is on its way: it must not be sent again.
      tell(ws, {
        type: 'ready',
        sessionId: row.id,
        secret,
        consoleType: row.type,
        access: 'write',
        offset: position ?? 0,
        taken: received,
        resumed: position !== null,
      });
      ws.once('close', () => {
        if (writer !== ws) return;
        writer = null;
        detachedAt = now();
      });
      for (const chunk of missing) ws.send(chunk);
      if (position !== null) out.ack(position);
      if (viewers.size > 0) tellViewers();
      if (over === 'exited') {
        tell(ws, { type: 'exit', code: exitCode });
        if (out.size() === 0) end('ended');
      }
      return true;
    },
    view(ws, viewerRow) {
      const recent = out.recent();
      const offset = out.end() - recent.length;
      const viewer = { ws, row: viewerRow, missed: false };
      viewers.add(viewer);
      tell(ws, {
        type: 'ready',
        sessionId: viewerRow.id,
        secret: '',
        consoleType: row.type,
        access: 'view',
        offset,
        taken: 0,
        resumed: false,
      });
      if (recent.length > 0) ws.send(recent);
      ws.on('close', () => leave(viewer));
      tellViewers();
    },
    resize: ({ columns, rows }) => upstream.resize(columns, rows),
    ack(position) {
      if (!out.ack(position)) end('protocol');
      else if (over === 'exited' && out.size() === 0) end('ended');
      else if (out.size() <= CONSOLE_WINDOW.lowBytes && upstream.stream.isPaused()) upstream.stream.resume();
    },
    type(bytes) {
      activeAt = now();
      received += bytes.length;
      if (received - taken > 2 * CONSOLE_INPUT_WINDOW_BYTES) {
        end('protocol');
        return;
      }
      upstream.stream.write(bytes, () => {
        taken += bytes.length;
        if (taken - takenTold >= TAKEN_EVERY_BYTES) tellTaken();
      });
    },
    notify(notice) {
      if (writer !== null) tell(writer, notice);
    },
    tick() {
      if (taken !== takenTold) tellTaken();
    },
    endViewer(id, ending) {
      const viewer = [...viewers].find((each) => each.row.id === id);
      if (viewer !== undefined) closeWith(viewer.ws, ending);
      return viewer !== undefined;
    },
    end,
  };
}

/** One who looks along never slows the one who types: what does not get through in time is left out. */
function show(viewer: Viewer, chunk: Buffer): void {
  if (viewer.ws.bufferedAmount > CONSOLE_WINDOW.highBytes) {
    viewer.missed = true;
    return;
  }
  if (viewer.missed) tell(viewer.ws, { type: 'warning', about: 'gap', seconds: 0, who: '' });
  viewer.missed = false;
  viewer.ws.send(chunk);
}

/** Sends a notice, if the connection still stands. */
export function tell(ws: WebSocket, notice: ConsoleNotice): void {
  if (ws.readyState === WebSocket.OPEN) ws.send(JSON.stringify(notice), { binary: false });
}

/** Ends a connection and says why. */
export function closeWith(ws: WebSocket, ending: ConsoleEnding): void {
  ws.close(CONSOLE_ENDINGS[ending].code, ending);
}
