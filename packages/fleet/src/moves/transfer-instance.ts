import { LongshoreError } from '@longshore/contract';
import {
  type InstanceCreate,
  isLxdError,
  type LxdClient,
  migrationPullSource,
  migrationPushSource,
  type Operation,
  type OperationRef,
  operationUrl,
} from '@longshore/lxd';
import type { HostConnection } from '../hosts/host-connections.ts';
import { hostWork } from '../instances/host-work.ts';
import type { RunningOperation } from '../operations/handler.ts';
import { isConnectionTrouble } from './connection-trouble.ts';
import { addressesForPeers } from './peer-addresses.ts';

/** How the bytes go: the target fetches, the source sends, or both talk to us. */
export type Route = 'pull' | 'push' | 'relay';

/** What goes from where to where. */
export type Transfer = Readonly<{
  source: HostConnection;
  sourceName: string;
  /** Take this snapshot instead of the present state. */
  sourceSnapshot?: string;
  target: HostConnection;
  lxdProject: string;
  /** The instance to be made on the target, without its source. */
  body: Omit<InstanceCreate, 'source'>;
  /** Leave snapshots behind. */
  instanceOnly: boolean;
  via: 'auto' | 'direct' | 'relay';
  /** Where the target reaches the source, from `reachablePeer`; null: it does not. */
  peer: string | null;
  /** Bytes expected, for the progress; null where unknown. */
  expectedBytes: number | null;
  /** Takes away what a failed attempt left on the target, before the next one. */
  clear(): Promise<void>;
  /** Told the target's operation before anything waits for it. */
  started(route: Route, hostOperation: string): Promise<void>;
}>;

type TransferOperation = Pick<RunningOperation<unknown>, 'signal' | 'note' | 'progress'>;

/**
 * Makes the instance on the target out of the one on the source, and answers the route that worked.
 *
 * @throws LxdError of the host where it failed, with that host's own words
 */
export async function transferInstance(op: TransferOperation, transfer: Transfer): Promise<Route> {
  const routes = routesFor(transfer);
  for (const [index, route] of routes.entries()) {
    try {
      await attempt(op, transfer, route);
      return route;
    } catch (error) {
      op.signal.throwIfAborted();
      if (index === routes.length - 1 || !(isConnectionTrouble(error) || isNoAddress(error))) throw error;
      op.note(`${route} failed (${messageOf(error)}); trying ${routes[index + 1]}`);
      await transfer.clear();
    }
  }
  throw new Error('a transfer without routes');
}

/** What may work, the cheapest first. A push is for people who must not have their data pass through us. */
function routesFor({ via, peer }: Transfer): readonly Route[] {
  switch (via) {
    case 'direct':
      return peer === null ? ['push'] : ['pull', 'push'];
    case 'relay':
      return ['relay'];
    case 'auto':
      return peer === null ? ['relay'] : ['pull', 'relay'];
  }
}

function attempt(op: TransferOperation, transfer: Transfer, route: Route): Promise<void> {
  switch (route) {
    case 'pull':
      return pull(op, transfer);
    case 'push':
      return push(op, transfer);
    case 'relay':
      return relay(op, transfer);
  }
}

/** The target fetches. */
async function pull(op: TransferOperation, transfer: Transfer): Promise<void> {
  const { source, peer, instanceOnly } = transfer;
  if (peer === null) throw noAddress(source);
  const offer = await source.client.migration.source(transfer.sourceName, scopeOf(op, transfer));
  try {
    const created = await create(op, transfer, migrationPullSource(offer, peer, { instanceOnly }));
    await transfer.started('pull', created.id);
    await watch(op, transfer, transfer.target.client, created);
    await settle(op, source.client, offer.operationId);
  } catch (error) {
    await abandon(op, source.client, offer.operationId);
    throw error;
  }
}

/** The source sends: for a target that is not allowed to connect to it. */
async function push(op: TransferOperation, transfer: Transfer): Promise<void> {
  const addresses = await addressesForPeers(transfer.target, op.signal);
  if (addresses.length === 0) throw noAddress(transfer.target);
  for (const [index, address] of addresses.entries()) {
    const created = await create(op, transfer, migrationPushSource({ instanceOnly: transfer.instanceOnly }));
    try {
      await transfer.started('push', created.id);
      const offer = await transfer.target.client.migration.sink(created, { signal: op.signal });
      const sent = await transfer.source.client.migration.push(
        transfer.sourceName,
        {
          operationUrl: operationUrl(address, created.id),
          secrets: offer.secrets,
          certificate: offer.certificate,
        },
        scopeOf(op, transfer),
      );
      await Promise.all([
        watch(op, transfer, transfer.target.client, created),
        transfer.source.client.operations.wait(sent, { signal: op.signal }),
      ]);
      return;
    } catch (error) {
      await abandon(op, transfer.target.client, created.id);
      if (index === addresses.length - 1 || !isConnectionTrouble(error)) throw error;
      await transfer.clear();
    }
  }
}

/** Both talk to us, and we pass on what they say. */
async function relay(op: TransferOperation, transfer: Transfer): Promise<void> {
  const { source, target } = transfer;
  const created = await create(op, transfer, migrationPushSource({ instanceOnly: transfer.instanceOnly }));
  // When one half fails, the others would wait for its sockets until their own time-outs.
  const broken = new AbortController();
  const signal = AbortSignal.any([op.signal, broken.signal]);
  let offered: string | undefined;
  try {
    await transfer.started('relay', created.id);
    const sink = await target.client.migration.sink(created, { signal });
    const offer = await source.client.migration.source(transfer.sourceName, scopeOf(op, transfer));
    offered = offer.operationId;
    const onProgress = ({ channel, bytes }: { readonly channel: string; readonly bytes: number }): void => {
      if (channel === 'fs') report(op, transfer, bytes);
    };
    await Promise.all([
      watch({ ...op, signal }, transfer, target.client, created),
      source.client.migration.relay(offer, { client: target.client, offer: sink }, { signal, onProgress }),
    ]);
    await settle(op, source.client, offer.operationId);
  } catch (error) {
    broken.abort();
    await abandon(op, target.client, created.id);
    if (offered !== undefined) await abandon(op, source.client, offered);
    throw error;
  }
}

function create(
  op: TransferOperation,
  { target, body, lxdProject }: Transfer,
  source: InstanceCreate['source'],
): Promise<OperationRef> {
  return target.client.instances.create({ ...body, source }, { project: lxdProject, signal: op.signal });
}

function watch(
  op: TransferOperation,
  transfer: Transfer,
  client: LxdClient,
  ref: OperationRef,
): Promise<Operation> {
  return hostWork(client, Promise.resolve(ref), {
    signal: op.signal,
    onProgress: (state) => {
      const bytes = bytesIn(state);
      if (bytes !== undefined) report(op, transfer, bytes);
    },
  });
}

function report(op: TransferOperation, { expectedBytes }: Transfer, bytes: number): void {
  // The transfer is the long part of a move: from 10 to 90 percent of it.
  if (expectedBytes !== null && expectedBytes > 0) op.progress(10 + 80 * Math.min(1, bytes / expectedBytes));
}

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** LXD tells how far it is in words: `fs_progress: "web1: 52.43MB (21.1MB/s)"`. */
function bytesIn(operation: Operation): number | undefined {
  for (const [key, value] of Object.entries(operation.metadata ?? {})) {
    if (!key.endsWith('_progress') || typeof value !== 'string') continue;
    const [, amount, unit] = /([\d.]+)\s?([kMGT]?B)\b/.exec(value) ?? [];
    if (amount !== undefined && unit !== undefined) return Number(amount) * (UNITS[unit] ?? 1);
  }
  return undefined;
}

function scopeOf(op: TransferOperation, { lxdProject: project, instanceOnly, sourceSnapshot }: Transfer) {
  const snapshot = sourceSnapshot === undefined ? {} : { snapshot: sourceSnapshot };
  return { project, instanceOnly, ...snapshot, signal: op.signal };
}

/** Waits for the source's half of a transfer that has succeeded; it may be forgotten by then. */
async function settle(op: TransferOperation, client: LxdClient, hostOperation: string): Promise<void> {
  try {
    await client.operations.wait(hostOperation, { signal: op.signal, timeoutMs: 30_000 });
  } catch (error) {
    // The target's half decides: it has everything. What the source's says after that changes nothing.
    if (!isLxdError(error)) throw error;
  }
}

/** Asks a host to end its half of a failed transfer, so that it does not hold the instance until a time-out. */
async function abandon(op: TransferOperation, client: LxdClient, hostOperation: string): Promise<void> {
  if (op.signal.aborted) return;
  try {
    await client.operations.cancel(hostOperation, { signal: op.signal });
  } catch (error) {
    // Ended by itself, or not to be cancelled: it ends by the host's own time-out.
    if (!isLxdError(error)) throw error;
  }
}

function noAddress({ host }: HostConnection): LongshoreError {
  return new LongshoreError('pre-flight-failed', `${host.name} listens on no network address.`, {
    hint: 'Let the host listen (core.https_address), or pass the instance through Longshore: via relay.',
  });
}

function isNoAddress(error: unknown): boolean {
  return error instanceof LongshoreError && error.code === 'pre-flight-failed';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
