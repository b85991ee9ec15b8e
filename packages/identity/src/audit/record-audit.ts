import { type Query, sql } from '@longshore/store';

/** What is remembered of one request. Never a body, a query or a secret. */
export type AuditRecord = Readonly<{
  who: Readonly<{
    kind: 'person' | 'robot' | 'set-up' | 'nobody' | 'foreign' | 'longshore';
    id: string;
    name: string;
  }>;
  /** `token:ID`, `session:ID`, or empty. */
  via: string;
  address: string;
  /** Identifier of the route, or `foreign-change`. */
  action: string;
  target: Readonly<{ kind: string; id: string; name: string }>;
  /** As HTTP says it. */
  status: number;
  code: string | null;
  operationId: string | null;
  requestId: string;
  detail?: Readonly<Record<string, unknown>>;
}>;

/** Longest text that is kept of what a client sends or a host says. */
const MAX_TEXT = 500;

/** Appends an entry, in the transaction of the change where there is one. */
export async function recordAudit(query: Query, record: AuditRecord): Promise<void> {
  const { who, target } = record;
  await sql`
    INSERT INTO audit (who_kind, who_id, who, via, address, action, target_kind, target_id, target_name, status, code,
      operation_id, request_id, detail)
    VALUES (${who.kind}, ${clean(who.id)}, ${clean(who.name)}, ${record.via}, ${clean(record.address)}, ${record.action},
      ${target.kind}, ${clean(target.id)}, ${clean(target.name)}, ${record.status}::integer, ${record.code},
      ${record.operationId}::uuid, ${record.requestId}, ${JSON.stringify(record.detail ?? {})}::jsonb)`.execute(
    query,
  );
}

/** PostgreSQL's text has no NUL, and nobody fills the log by long names. */
function clean(text: string): string {
  return text.replaceAll('\0', '').slice(0, MAX_TEXT);
}
