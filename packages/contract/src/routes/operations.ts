import { z } from 'zod';
import { pageOf, pageQuery } from '../page.ts';
import { Bulk, Operation } from '../resources/operation.ts';
import { defineRoute } from '../route.ts';
import { Accepted, ById, Empty, None } from './schemas.ts';

const tag = 'operations';

export const operationRoutes = {
  listOperations: defineRoute({
    id: 'listOperations',
    method: 'GET',
    path: '/v1/operations',
    tag,
    permission: 'operations:read',
    partial: true,
    summary: 'List operations, the newest first',
    params: None,
    query: pageQuery(['createdAt']).strict(),
    body: Empty,
    status: 200,
    reply: pageOf(Operation),
  }),
  getOperation: defineRoute({
    id: 'getOperation',
    method: 'GET',
    path: '/v1/operations/{id}',
    tag,
    permission: 'operations:read',
    partial: true,
    summary: 'Show an operation',
    description: 'With `waitSeconds`, the answer comes when the operation has ended, or after that time.',
    params: ById,
    query: z.object({ waitSeconds: z.coerce.number().int().min(0).max(60).default(0) }).strict(),
    body: Empty,
    status: 200,
    reply: Operation,
  }),
  cancelOperation: defineRoute({
    id: 'cancelOperation',
    method: 'POST',
    path: '/v1/operations/{id}/cancel',
    tag,
    permission: 'operations:write',
    partial: true,
    summary: 'Ask an operation to stop',
    params: ById,
    query: None,
    body: None,
    status: 202,
    reply: Accepted,
  }),
  bulk: defineRoute({
    id: 'bulk',
    method: 'POST',
    path: '/v1/bulk',
    tag,
    permission: 'instances:operate',
    partial: true,
    summary: 'Do one action on many instances',
    description:
      'Its items are operations of their own: `GET /v1/operations?filter=parent:ID`. Moving needs `instances:write`, deleting `instances:delete`; with roles on parts of the fleet, instances elsewhere are left out.',
    params: None,
    query: None,
    body: Bulk,
    status: 202,
    reply: Accepted,
  }),
} as const;
