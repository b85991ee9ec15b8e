import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { apiPath } from './api-path.ts';
import type { ProjectOptions } from './call-options.ts';
import { startDeadline } from './deadline.ts';
import { closeSoon, guardSocket, openFd, resizeMessage, socketSecrets } from './instance-exec.ts';
import type { Transport } from './transport.ts';
import { webSocketStream } from './web-socket.ts';

/** Which console. `vga` is SPICE and exists for virtual machines only. */
export type ConsoleOptions = ProjectOptions & {
  readonly type: 'console' | 'vga';
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** Throw out whoever is attached now. Needs the extension `console_force` (Incus; newer LXD). */
  readonly force?: boolean | undefined;
};

/** An attached console; it stays attached until closed. */
export type ConsoleSession = {
  /**
   * Opens a channel: the one terminal of a text console (call it once), or one of many SPICE channels of a VGA console.
   */
  open(options?: { readonly signal?: AbortSignal }): Promise<Duplex>;
  resize(columns: number, rows: number): void;
  /** Resolves when the console is detached, from either side. */
  readonly closed: Promise<void>;
  close(): void;
};

/** See `Instances.console`. */
export async function openConsole(
  transport: Transport,
  name: string,
  options: ConsoleOptions,
): Promise<ConsoleSession> {
  const path = apiPath`/1.0/instances/${name}/console`;
  const target = `${transport.label} console of ${name}`;
  const deadline = startDeadline(
    { signal: options.signal, timeoutMs: options.timeoutMs ?? transport.timeoutMs },
    target,
  );
  try {
    const ref = await transport.start(
      {
        method: 'POST',
        path,
        query: { project: options.project },
        json: {
          type: options.type,
          width: options.columns ?? 80,
          height: options.rows ?? 24,
          ...(options.force ? { force: true } : {}),
        },
      },
      { signal: deadline.signal },
    );
    const secrets = socketSecrets(transport, ref, path);
    const control = await openFd(transport, ref, secrets, 'control', deadline.signal);
    guardSocket(control);
    control.resume();
    const streams = new Set<Duplex>();
    const ended = new AbortController();
    const closed = new Promise<void>((resolve) => {
      control.once('close', () => {
        ended.abort();
        for (const stream of streams) stream.destroy();
        resolve();
      });
    });
    return {
      async open(openOptions = {}) {
        const opening = startDeadline({ signal: openOptions.signal, timeoutMs: transport.timeoutMs }, target);
        try {
          const ws = await openFd(transport, ref, secrets, '0', opening.signal);
          const stream = webSocketStream(ws, target);
          streams.add(stream);
          stream.on('error', () => {
            // Whoever uses the stream may listen, too; a forgotten listener must not end the process.
          });
          stream.once('close', () => streams.delete(stream));
          return stream;
        } finally {
          opening.end();
        }
      },
      resize: (columns, rows) => {
        if (control.readyState === WebSocket.OPEN) control.send(resizeMessage(columns, rows));
      },
      closed,
      close: () => {
        for (const stream of streams) stream.destroy();
        closeSoon(control);
      },
    };
  } finally {
    deadline.end();
  }
}
