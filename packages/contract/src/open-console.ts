import {
  CONSOLE_ENDINGS,
  CONSOLE_INPUT_WINDOW_BYTES,
  CONSOLE_PROTOCOL,
  CONSOLE_WINDOW,
  type ConsoleEnding,
  ConsoleNotice,
  type ConsoleRequest,
  consoleEndingOf,
} from './console-frames.ts';
import { LongshoreError } from './problem.ts';
import type { ConsoleTicket, TerminalSize } from './resources/console.ts';

/** Acknowledged at once at this many bytes; the rest after a pause. */
const ACK_EVERY_BYTES = CONSOLE_WINDOW.lowBytes / 4;
const ACK_PAUSE_MS = 100;
/** A lost network is tried again at these intervals for as long as the proxy keeps the session. */
const RETRY_MS = [100, 300, 1000, 2000, 3000] as const;
const RESUME_LIMIT_MS = 60_000;

/** What a websocket needs to have: that of browsers and of Node. */
export type ConsoleSocket = Pick<
  WebSocket,
  'binaryType' | 'close' | 'onclose' | 'onerror' | 'onmessage' | 'onopen' | 'send'
>;

/** How a console is opened. */
export type OpenConsoleOptions = Readonly<{
  /** Asks the API for a ticket. Called again where a session is gone and a new one can take its place. */
  ticket: () => Promise<ConsoleTicket>;
  /** Of the API: what a path in the ticket is meant from. */
  baseUrl: string;
  /** Bytes to show. What it returns is waited for: a terminal that is slow slows the program. */
  show: (bytes: Uint8Array) => Promise<void> | void;
  /** Everything else that there is to tell. */
  notice: (notice: ConsoleNotice | ConsoleState) => void;
  connect?: (url: string, protocol: string) => ConsoleSocket;
  now?: () => number;
}>;

/** How the connection stands. `anew`: the session was lost; what follows is another one. */
export type ConsoleState =
  | Readonly<{ type: 'state'; state: 'connecting' | 'open' | 'lost' | 'anew' }>
  | Readonly<{ type: 'state'; state: 'closed'; ending: ConsoleEnding; message: string }>;

/** A console that is open, or will be again. */
export type ConsoleConnection = Readonly<{
  type(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** Tries at once, instead of after the pause: when a network has come back. */
  retryNow(): void;
  /** Leaves: the session ends. */
  close(): void;
}>;

/**
 * Opens a console and keeps it: a lost network is bridged without losing a byte in either direction; where the proxy has
 * lost the session, a new one is opened once. Runs in browsers and in Node. Never throws: all is told by `notice`.
 */
export function openConsole(options: OpenConsoleOptions): ConsoleConnection {
  const { show, notice, baseUrl } = options;
  const now = options.now ?? Date.now;
  const connect = options.connect ?? ((url, protocol) => new WebSocket(url, protocol));
  let socket: ConsoleSocket | null = null;
  let session: { readonly id: string; readonly url: string; secret: string } | null = null;
  let over = false;
  let ready = false;
  let size: TerminalSize | null = null;
  let message = '';
  /** Looking along: a terminal answers questions of the guest by itself, and those answers must go nowhere. */
  let viewing = false;
  // What was shown: `received` came in, `shown` is done with.
  let received = 0;
  let shown = 0;
  let acked = 0;
  let ackTimer: ReturnType<typeof setTimeout> | undefined;
  // What was typed and is not known to be taken, from position `base` on.
  let typed: Uint8Array[] = [];
  let base = 0;
  let sent = 0;
  let lostAt: number | null = null;
  let attempts = 0;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  const say = (request: ConsoleRequest): void => socket?.send(JSON.stringify(request));
  const finish = (ending: ConsoleEnding): void => {
    if (over) return;
    over = true;
    clearTimeout(ackTimer);
    clearTimeout(retryTimer);
    const { text } = CONSOLE_ENDINGS[ending];
    notice({ type: 'state', state: 'closed', ending, message: message === '' ? text : `${text} ${message}` });
  };
  const ack = (): void => {
    clearTimeout(ackTimer);
    ackTimer = undefined;
    if (!ready || session?.secret === '' || acked === shown) return;
    acked = shown;
    say({ type: 'ack', received: shown });
  };
  const done = (bytes: number): void => {
    shown += bytes;
    if (shown - acked >= ACK_EVERY_BYTES) ack();
    else ackTimer ??= setTimeout(ack, ACK_PAUSE_MS);
  };
  const take = (bytes: Uint8Array): void => {
    received += bytes.length;
    const shownThen = show(bytes);
    if (shownThen === undefined) done(bytes.length);
    else void shownThen.then(() => done(bytes.length));
  };
  /** Sends what was typed, as far as the window allows. */
  const sendTyped = (): void => {
    if (!ready) return;
    let at = base;
    for (const chunk of typed) {
      const end = at + chunk.length;
      const until = Math.min(end, base + CONSOLE_INPUT_WINDOW_BYTES);
      if (until > sent && sent >= at) {
        socket?.send(chunk.slice(sent - at, until - at));
        sent = until;
      }
      at = end;
    }
  };
  const forgetTyped = (taken: number): void => {
    while (taken > base) {
      const [first] = typed;
      if (first === undefined) break;
      const part = Math.min(first.length, taken - base);
      if (part === first.length) typed.shift();
      else typed[0] = first.slice(part);
      base += part;
    }
    sent = Math.max(sent, base);
  };
  const hear = (text: string): void => {
    const parsed = ConsoleNotice.safeParse(JSON.parse(text));
    if (!parsed.success) return; // a newer proxy says more than we know
    const said = parsed.data;
    switch (said.type) {
      case 'ready':
        ready = true;
        viewing = said.access === 'view';
        if (viewing) typed = [];
        lostAt = null;
        attempts = 0;
        session = { id: said.sessionId, url: session?.url ?? '', secret: said.secret };
        if (!said.resumed) {
          received = said.offset;
          shown = said.offset;
          acked = said.offset;
          base = 0;
          sent = 0;
        } else {
          forgetTyped(said.taken);
          sent = Math.max(said.taken, base);
        }
        if (size !== null && said.access === 'write') say({ type: 'resize', size });
        sendTyped();
        notice({ type: 'state', state: 'open' });
        break;
      case 'taken':
        forgetTyped(said.bytes);
        sendTyped();
        break;
      case 'failed':
        message = said.message;
        break;
      case 'exit':
        // The proxy keeps the session until it knows that everything has arrived.
        if (acked !== received && session?.secret !== '') say({ type: 'ack', received });
        acked = received;
        break;
      default:
    }
    notice(said);
  };

  const open = async (): Promise<void> => {
    let ticket: ConsoleTicket;
    try {
      ticket = await options.ticket();
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
      // Only a server that is away comes back; one that refuses goes on refusing.
      const away = error instanceof LongshoreError && error.code === 'unavailable';
      if (lostAt === null || !away) finish('not-now');
      else retry();
      return;
    }
    if (over) return;
    const url = websocketUrl(ticket.url, baseUrl);
    session = { id: ticket.sessionId, url, secret: '' };
    dial(url, { type: 'open', ticket: ticket.ticket });
  };
  const dial = (url: string, first: ConsoleRequest): void => {
    ready = false;
    const dialled = connect(url, CONSOLE_PROTOCOL);
    socket = dialled;
    dialled.binaryType = 'arraybuffer';
    dialled.onopen = () => dialled.send(JSON.stringify(first));
    dialled.onerror = () => {
      // What happened is told by the close that follows.
    };
    dialled.onmessage = ({ data }) => {
      if (socket !== dialled) return;
      if (typeof data === 'string') hear(data);
      else take(new Uint8Array(data));
    };
    dialled.onclose = ({ code, reason }) => {
      if (socket !== dialled) return;
      socket = null;
      closed(consoleEndingOf(code, reason));
    };
  };
  const closed = (ending: ConsoleEnding | null): void => {
    const wasReady = ready;
    ready = false;
    if (over) return;
    if (ending !== null && CONSOLE_ENDINGS[ending].again === 'no') {
      finish(ending);
      return;
    }
    if (ending !== null) {
      // The session is gone, and whatever was typed with it.
      session = null;
      typed = [];
      if (lostAt === null && !wasReady && ending === 'not-now') {
        finish(ending);
        return;
      }
      notice({ type: 'state', state: 'anew' });
    }
    lostAt ??= now();
    notice({ type: 'state', state: 'lost' });
    retry();
  };
  const retry = (): void => {
    if (lostAt !== null && now() - lostAt > RESUME_LIMIT_MS) {
      finish('not-now');
      return;
    }
    const pause = RETRY_MS[Math.min(attempts, RETRY_MS.length - 1)] ?? 1000;
    attempts += 1;
    clearTimeout(retryTimer);
    retryTimer = setTimeout(again, pause);
  };
  const again = (): void => {
    clearTimeout(retryTimer);
    if (over || socket !== null) return;
    notice({ type: 'state', state: 'connecting' });
    if (session === null || session.secret === '') void open();
    else dial(session.url, { type: 'resume', sessionId: session.id, secret: session.secret, received });
  };

  notice({ type: 'state', state: 'connecting' });
  void open();
  return {
    type(bytes) {
      if (over || viewing || bytes.length === 0) return;
      typed.push(bytes);
      sendTyped();
    },
    resize(asked) {
      size = asked;
      if (ready && session?.secret !== '') say({ type: 'resize', size: asked });
    },
    retryNow: () => {
      if (lostAt !== null) again();
    },
    close() {
      if (over) return;
      if (ready && session?.secret !== '') say({ type: 'end' });
      socket?.close(1000);
      finish('ended');
    },
  };
}

function websocketUrl(url: string, baseUrl: string): string {
  const resolved = new URL(url, baseUrl);
  resolved.protocol = resolved.protocol.replace(/^http/, 'ws');
  return resolved.href;
}
