import type { Host } from '@longshore/contract';
import { useQuery } from '@tanstack/react-query';
import { useSession } from '../session/session.ts';
import { hostsQuery } from './fleet-queries.ts';

/** The hosts for a choice; none for who may not see them, instead of a refusal in the audit log with each page. */
export function useHosts(): readonly Host[] {
  const { permissions } = useSession();
  return useQuery({ ...hostsQuery, enabled: permissions.includes('hosts:read') }).data?.items ?? [];
}
