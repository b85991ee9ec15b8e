import { type Call, nameAt, projectFilter, recursion } from './call.ts';
import type { Operation } from './operation.ts';
import { done, type Reply, sync } from './reply.ts';

/** `GET /1.0/operations`: by status, as LXD groups them. */
export function listOperations(call: Call): Reply {
  const full = recursion(call) > 0;
  const groups: Record<string, (Operation | string)[]> = {};
  for (const operation of call.host.operations.list(projectFilter(call))) {
    const group = operation.status.toLowerCase();
    groups[group] ??= [];
    groups[group].push(full ? operation : `/1.0/operations/${operation.id}`);
  }
  return sync(groups);
}

/** `GET /1.0/operations/ID`. */
export function getOperation(call: Call): Reply {
  return sync(call.host.operations.get(nameAt(call, 0)));
}

/** `DELETE /1.0/operations/ID`. */
export function cancelOperation(call: Call): Reply {
  const { host } = call;
  const id = nameAt(call, 0);
  host.operations.cancel(id);
  host.sessions.delete(id);
  host.tell('operation-cancelled', 'default', `/1.0/operations/${id}`, { requestor: call.requestor });
  return done;
}
