import { z } from 'zod';
import { Timestamp } from '../names.ts';
import { pageOf, pageQuery } from '../page.ts';
import { AuditEntry, AuditSettings } from '../resources/audit.ts';
import { defineRoute } from '../route.ts';
import { Empty, None } from './schemas.ts';

const tag = 'audit';
const times = { from: Timestamp.optional(), until: Timestamp.optional() };

/** The audit log. */
export const auditRoutes = {
  listAudit: defineRoute({
    id: 'listAudit',
    method: 'GET',
    path: '/v1/audit',
    tag,
    permission: 'audit:read',
    summary: 'List who did what, the newest first',
    description:
      'Filter by `who:`, `action:`, `target:`, `result:` (ok or refused), `code:`, `address:`, `operation:`, and by `host:` for what was done to a host, or on it.',
    params: None,
    query: pageQuery(['at']).omit({ sort: true }).extend(times).strict(),
    body: Empty,
    status: 200,
    reply: pageOf(AuditEntry).meta({ id: 'AuditPage' }),
  }),
  exportAudit: defineRoute({
    id: 'exportAudit',
    method: 'GET',
    path: '/v1/audit/export',
    tag,
    permission: 'audit:read',
    summary: 'Export the audit log, the oldest first: one JSON object a line (NDJSON)',
    params: None,
    query: z.object({ filter: z.string().max(1024).optional(), ...times }).strict(),
    body: Empty,
    status: 200,
    reply: Empty,
    stream: 'reply',
  }),
  getAuditSettings: defineRoute({
    id: 'getAuditSettings',
    method: 'GET',
    path: '/v1/audit/settings',
    tag,
    permission: 'audit:read',
    summary: 'Show how long the audit log is kept',
    params: None,
    query: None,
    body: Empty,
    status: 200,
    reply: AuditSettings,
  }),
  updateAuditSettings: defineRoute({
    id: 'updateAuditSettings',
    method: 'PUT',
    path: '/v1/audit/settings',
    tag,
    permission: 'audit:write',
    summary: 'Set how long the audit log is kept',
    params: None,
    query: None,
    body: AuditSettings,
    status: 200,
    reply: AuditSettings,
  }),
} as const;
