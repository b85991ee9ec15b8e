import type { Duplex } from 'node:stream';
import { LongshoreError } from '@longshore/contract';
import type { FleetContext } from '@longshore/fleet';
import { sql } from '@longshore/store';
import { z } from 'zod';
import type { SessionRow } from '../redeem-ticket.ts';
import { shellCommand } from './shell-command.ts';

/** The connection to the host that carries one console. */
export type Upstream = Readonly<{
  stream: Duplex;
  resize(columns: number, rows: number): void;
  /** Of the command, once it ended; null for a console, which has none. Rejects when the host was lost first. */
  exitCode: Promise<number | null>;
  close(): void;
}>;

/** LXD waits ten seconds for websockets; a host that takes longer does not answer. */
const OPEN_LIMIT_MS = 15_000;

const Place = z.object({
  host_id: z.string(),
  lxd_project: z.string(),
  name: z.string(),
  status: z.string(),
});

/**
 * Dials the host that has the instance now: where it was when the ticket was issued does not count.
 *
 * @throws LongshoreError `not-found`, `conflict` (it does not run), or as the host's connection says; LxdError
 */
export async function openUpstream(context: FleetContext, session: SessionRow): Promise<Upstream> {
  const { rows } = await sql`
    SELECT host_id, lxd_project, name, status FROM instances WHERE id = ${session.instance_id}`.execute(
    context.store.db,
  );
  if (rows[0] === undefined) {
    throw new LongshoreError('not-found', `There is no instance ${session.instance_id}.`);
  }
  const place = Place.parse(rows[0]);
  if (place.status !== 'running') {
    throw new LongshoreError('conflict', `${place.name} does not run (${place.status}).`);
  }
  const { client } = await context.connections.client(place.host_id);
  const { size } = session.options;
  const options = { project: place.lxd_project, ...size, timeoutMs: OPEN_LIMIT_MS };
  if (session.type === 'shell') {
    return client.instances.execInteractive(place.name, {
      ...options,
      command: shellCommand(session.options),
      environment: { TERM: 'xterm-256color' },
    });
  }
  const console = await client.instances.console(place.name, { ...options, type: 'console' });
  const stream = await console.open().catch((error: unknown) => {
    console.close();
    throw error;
  });
  return {
    stream,
    resize: console.resize,
    // What a console shows has an end, but no result.
    exitCode: new Promise((resolve) =>
      stream.once('end', () => resolve(null)).once('close', () => resolve(null)),
    ),
    close: console.close,
  };
}
