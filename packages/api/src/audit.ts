import { ERROR_CODES, type Route } from '@longshore/contract';
import type { Requester } from '@longshore/fleet';
import { type AuditRecord, type Principal, recordAudit } from '@longshore/identity';
import type { Log, Query, Store } from '@longshore/store';
import type { FastifyRequest } from 'fastify';
import { knownError } from './problem-reply.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    route?: Route;
  }
  interface FastifyRequest {
    /** A change of this request is in the audit log already, in the transaction that made it. */
    audited: boolean;
  }
}

/** Codes of refusals that are not worth an entry each: who is held back would fill the log with them. */
const SILENT_CODES: readonly string[] = ['too-many-requests', 'unavailable'];

/** Writes an entry in the transaction that makes or accepts a change. */
export function witnessOf(request: FastifyRequest, route: Route): NonNullable<Requester['witness']> {
  return async (trx, { target, operationId }) => {
    await write(trx, request, {
      target: { kind: target.kind, id: target.id ?? '', name: target.name },
      status: route.status,
      code: null,
      operationId,
    });
    request.audited = true;
  };
}

/**
 * Writes an entry for a change that no transaction has written one for, before it is answered: so who gets an answer is
 * in the log. Reads are not logged, but for files that leave the house.
 */
export async function auditDone(
  store: Store,
  request: FastifyRequest,
  route: Route,
  value: unknown,
): Promise<void> {
  const silent = route.unaudited === true || (route.method === 'GET' && route.stream !== 'reply');
  if (silent || request.audited) return;
  const made = targetIn(value);
  await write(store.db, request, {
    // A login speaks for nobody until it is done.
    ...(request.principal === null && made !== null ? { who: { kind: kindIn(value), ...made } } : {}),
    target: { ...targetOf(request, route), ...(made ?? {}) },
    status: route.status,
    code: null,
    operationId: null,
  });
}

/**
 * Writes an entry for what was refused or failed: changes, and whatever the asker was not permitted. An answer does not
 * wait for a log that cannot be written: the program's own log has it then.
 */
export async function auditRefused(
  store: Store,
  log: Log,
  request: FastifyRequest,
  error: unknown,
): Promise<void> {
  const { route } = request.routeOptions.config;
  if (route === undefined || route.unaudited === true) return;
  const known = knownError(error);
  const code = known?.code ?? 'internal';
  const { status } = ERROR_CODES[code];
  if (SILENT_CODES.includes(code)) return;
  // Without credentials nobody has tried to be anyone.
  const anonymous = request.headers.authorization === undefined && request.headers.cookie === undefined;
  if (status === 401 && route.permission !== null && anonymous) return;
  if (route.method === 'GET' && status !== 401 && status !== 403) return;
  try {
    await write(store.db, request, { target: targetOf(request, route), status, code, operationId: null });
  } catch (failure) {
    log.warn(
      { error: failure, requestId: request.id, code },
      'a refusal could not be written into the audit log',
    );
  }
}

type Result = Pick<AuditRecord, 'target' | 'status' | 'code' | 'operationId'> &
  Partial<Pick<AuditRecord, 'who'>>;

function write(query: Query, request: FastifyRequest, result: Result): Promise<void> {
  const { principal } = request;
  return recordAudit(query, {
    who: whoOf(principal),
    via: viaOf(principal),
    address: request.ip,
    action: request.routeOptions.config.route?.id ?? '',
    requestId: request.id,
    ...result,
  });
}

function whoOf(principal: Principal | null): AuditRecord['who'] {
  if (principal === null) return { kind: 'nobody', id: '', name: '' };
  return { kind: principal.kind, id: principal.id, name: principal.name };
}

function viaOf(principal: Principal | null): string {
  if (principal === null) return '';
  if (principal.sessionId !== null) return `session:${principal.sessionId}`;
  return principal.tokenId === null ? '' : `token:${principal.tokenId}`;
}

/** What the path names; for a login the name that was tried. Nothing else of a request is kept. */
function targetOf(request: FastifyRequest, route: Route): AuditRecord['target'] {
  return { kind: route.tag, id: textIn(request.params, 'id'), name: nameIn(request.body) };
}

function nameIn(body: unknown): string {
  return textIn(body, 'name');
}

function textIn(value: unknown, key: string): string {
  if (typeof value !== 'object' || value === null) return '';
  const found = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof found === 'string' ? found : '';
}

/** A login answers with the person; a set-up code with a token. */
function kindIn(value: unknown): 'person' | 'set-up' {
  return textIn(value, 'kind') === 'person' ? 'person' : 'set-up';
}

function targetIn(value: unknown): Readonly<{ id: string; name: string }> | null {
  const id = textIn(value, 'id');
  const name = textIn(value, 'name');
  return id === '' || name === '' ? null : { id, name };
}
