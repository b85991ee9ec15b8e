import type { Labels } from '@longshore/contract';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { hostsQuery } from '../live/fleet-queries.ts';
import type { InstanceFacts } from '../permissions/why-not.ts';
import { permissionsOn } from '../session/permissions-on.ts';
import { useSession } from '../session/session.ts';

type Known = Omit<InstanceFacts, 'hostMaintenance' | 'permissions'> &
  Readonly<{ hostId: string; projectId: string | null; labels: Labels }>;

/** Adds to instances whether their host is in maintenance, which their list does not tell, and what one may do with them. */
export function useInstanceFacts(): (instance: Known) => InstanceFacts {
  const { access } = useSession();
  const { data } = useQuery({ ...hostsQuery, enabled: access.permissions.includes('hosts:read') });
  return useMemo(() => {
    const inMaintenance = new Set(data?.items.filter((host) => host.maintenance).map((host) => host.id));
    return (instance) => ({
      ...instance,
      hostMaintenance: inMaintenance.has(instance.hostId),
      permissions: permissionsOn(access, instance),
    });
  }, [data, access]);
}
