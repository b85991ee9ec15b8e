import { OperationsTable } from '../../operations/OperationsTable.tsx';
import type { InstanceTabProps } from '../../registry/room.ts';

/** What was asked of one instance. */
export function OperationsTab({ instance }: InstanceTabProps) {
  return <OperationsTable filter={`target:${instance.id}`} />;
}
