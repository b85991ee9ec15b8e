import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { HostState } from './host-state.ts';
import type { InstanceRecord } from './instance-record.ts';
import type { NewOperation, Operation } from './operation.ts';
import { ApiError, type Reply } from './reply.ts';

/** What the sockets of an operation do once they are connected; kept by operation id. */
export interface SocketSession {
  /** Secret of each socket, by its role (`control`, `fs`, `0`, `1`, …). */
  readonly secrets: Readonly<Record<string, string>>;
  connect(role: string, socket: WebSocket): void;
  /** Migration sources: hands the instance over inside this process, once. */
  readonly take?: () => MigrationPayload;
  /** Migration sinks: receives an instance that is pushed inside this process. */
  readonly give?: (payload: MigrationPayload) => void;
}

/** A 32-byte secret in hex, as LXD makes them. */
export function newSecret(): string {
  return randomBytes(32).toString('hex');
}

const configSchema = z.record(z.string(), z.string());
const devicesSchema = z.record(z.string(), configSchema);
const snapshotSchema = z.object({
  name: z.string(),
  createdAtMs: z.number(),
  expiresAt: z.string(),
  stateful: z.boolean(),
  description: z.string(),
  config: configSchema,
  devices: devicesSchema,
  profiles: z.array(z.string()),
});
const payloadSchema = z.object({
  type: z.enum(['container', 'virtual-machine']),
  createdAtMs: z.number(),
  lastUsedAtMs: z.number(),
  snapshots: z.array(snapshotSchema),
});

/** What goes over a simulated migration: there is no file system, only the record. */
export type MigrationPayload = z.infer<typeof payloadSchema>;

function payloadOf(record: InstanceRecord, withSnapshots: boolean): MigrationPayload {
  const { type, createdAtMs, lastUsedAtMs } = record;
  const snapshots = withSnapshots ? record.snapshots.map((snapshot) => ({ ...snapshot })) : [];
  return payloadSchema.parse({ type, createdAtMs, lastUsedAtMs, snapshots });
}

/** What a server takes to hand an instance, or a snapshot of one, over to another (LXD rest-api: InstancePost). */
export const migrationRequest = z.object({
  migration: z.boolean().optional(),
  instance_only: z.boolean().optional(),
  container_only: z.boolean().optional(),
  target: z
    .object({ operation: z.string(), secrets: configSchema.nullish(), websockets: configSchema.nullish() })
    .nullish(),
});

/** Begins the migration that a request asks for: an offer, or a push to who waits. Null where it asks for none. */
export function answerMigration(
  host: HostState,
  record: InstanceRecord,
  request: z.infer<typeof migrationRequest>,
  resources: NewOperation['resources'],
): Reply | null {
  if (request.migration !== true) return null;
  const withSnapshots = !(request.instance_only || request.container_only);
  if (!request.target) return { kind: 'async', operation: offerMigration(host, record, withSnapshots) };
  const { operation: sink, websockets, secrets } = request.target;
  const push = awaitPush(host, record, withSnapshots, sink, websockets ?? secrets ?? {});
  const { project } = record;
  return { kind: 'async', operation: host.operations.start({ ...push, project, resources }) };
}

const sourceRoles = ['control', 'fs'] as const;

function newSecrets(): Readonly<Record<string, string>> {
  return Object.fromEntries(sourceRoles.map((role) => [role, newSecret()]));
}

/**
 * Offers an instance to whoever knows the secrets: by a pull inside the fleet, or over both sockets, which a relay
 * may connect to a sink. The sink's `{"success":true}` on the control socket ends it.
 */
function offerMigration(host: HostState, record: InstanceRecord, withSnapshots: boolean): Operation {
  const secrets = newSecrets();
  const operation = host.operations.start({
    project: record.project,
    class: 'websocket',
    description: 'Migrating instance',
    resources: { instances: [host.instanceUrl(record.project, record.name)] },
    metadata: secrets,
  });
  const payload = payloadOf(record, withSnapshots);
  const sockets = new Map<string, WebSocket>();
  host.sessions.set(operation.id, {
    secrets,
    take: () => {
      host.sessions.delete(operation.id);
      host.operations.finish(operation.id, {});
      return payload;
    },
    connect: (role, socket) => {
      sockets.set(role, socket);
      socket.on('close', () => {
        host.sessions.delete(operation.id);
        host.operations.finish(operation.id, {
          error: new ApiError(500, 'websocket: close 1006 (abnormal closure)'),
        });
      });
      if (role === 'control') {
        socket.on('message', (data) => {
          if (!data.toString().includes('"success":true')) return;
          host.operations.finish(operation.id, {});
          for (const each of sockets.values()) each.close();
        });
      }
      if (sockets.size < sourceRoles.length) return;
      sockets.get('control')?.send(Buffer.from(JSON.stringify(payload)));
      sockets.get('fs')?.send(Buffer.alloc(64 * 1024));
      sockets.get('fs')?.send('');
    },
  });
  return operation;
}

/** Waits for a pushed instance: over both sockets, or from a source of this fleet. `create` makes the instance. */
export function awaitMigration(
  host: HostState,
  project: string,
  url: string,
  create: (payload: MigrationPayload) => void,
): Operation {
  const secrets = newSecrets();
  const operation = host.operations.start({
    project,
    class: 'websocket',
    description: 'Creating instance',
    resources: { instances: [url] },
    metadata: secrets,
  });
  const receive = (payload: MigrationPayload) => {
    host.sessions.delete(operation.id);
    try {
      create(payload);
      host.operations.finish(operation.id, {});
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      host.operations.finish(operation.id, { error });
      throw error;
    }
  };
  let payload: MigrationPayload | null = null;
  let filesDone = false;
  let control: WebSocket | null = null;
  const proceed = () => {
    if (!payload || !filesDone || !control) return;
    try {
      receive(payload);
      control.send(Buffer.from(JSON.stringify({ success: true })));
    } catch (error) {
      control.send(Buffer.from(JSON.stringify({ success: false, message: String(error) })));
      control.close();
    }
  };
  host.sessions.set(operation.id, {
    secrets,
    give: receive,
    connect: (role, socket) => {
      if (role === 'control') control = socket;
      socket.on('message', (data, isBinary) => {
        if (role === 'control' && payload === null)
          payload = payloadSchema.parse(JSON.parse(data.toString()));
        if (role === 'fs' && !isBinary) filesDone = true;
        proceed();
      });
      socket.on('close', () => {
        host.sessions.delete(operation.id);
        host.operations.finish(operation.id, {
          error: new ApiError(500, 'websocket: close 1006 (abnormal closure)'),
        });
      });
    },
  });
  return operation;
}

/** Work of an operation that pushes an instance to a waiting sink of the fleet. */
function awaitPush(
  host: HostState,
  record: InstanceRecord,
  withSnapshots: boolean,
  sinkUrl: string,
  secrets: Readonly<Record<string, string>>,
): Pick<NewOperation, 'description' | 'run'> {
  const run = () => {
    const session = peerSession(host, sinkUrl, secrets);
    if (!session.give) throw new ApiError(500, 'websocket: bad handshake');
    session.give(payloadOf(record, withSnapshots));
    return undefined;
  };
  return { description: 'Migrating instance', run };
}

/** Session of another simulated host's operation. Throws what a failed connection to it would. */
export function peerSession(
  host: HostState,
  operationUrl: string,
  secrets: Readonly<Record<string, string>>,
): SocketSession {
  const url = URL.parse(operationUrl);
  const id = url?.pathname.split('/').at(-1) ?? '';
  const session = url ? host.findPeer(url.origin)?.sessions.get(id) : undefined;
  if (!session) throw new ApiError(500, `Failed to connect to ${operationUrl}: no such operation`);
  if (session.secrets.control !== secrets.control) throw new ApiError(500, 'websocket: bad handshake');
  return session;
}
