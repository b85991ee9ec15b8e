import { OperationsTable } from '../operations/OperationsTable.tsx';
import type { HostTabProps } from '../registry/room.ts';

/** What was asked of one host and its instances. */
export function HostOperations({ host }: HostTabProps) {
  return <OperationsTable filter={`host:${host.id}`} />;
}
