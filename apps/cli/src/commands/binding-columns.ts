import type { Binding } from '@longshore/contract';
import { moment } from '../output/figures.ts';
import type { Column } from '../output/table.ts';

/** How roles are shown, of a project or of all. */
export const BINDING_COLUMNS: readonly Column<Binding>[] = [
  { name: 'subject', value: (row) => row.subject.name, shown: true },
  { name: 'kind', value: (row) => row.subject.kind, shown: true },
  { name: 'role', value: (row) => row.role, shown: true },
  {
    name: 'on',
    value: (row) => (row.scope.kind === 'fleet' ? 'fleet' : `${row.scope.kind}:${row.scope.name}`),
    shown: true,
  },
  { name: 'by', value: (row) => (row.source === 'group' ? 'group' : ''), shown: true },
  { name: 'since', value: (row) => moment(row.createdAt), shown: false },
  { name: 'id', value: (row) => row.id, shown: true },
];

/** `anna`, or `group:gitlab:infra`. */
export function subjectOf(text: string): { kind: 'person' | 'group'; name: string } {
  return text.startsWith('group:')
    ? { kind: 'group', name: text.slice('group:'.length) }
    : { kind: 'person', name: text };
}
