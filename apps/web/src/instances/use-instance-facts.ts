import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { hostsQuery } from '../live/fleet-queries.ts';
import type { InstanceFacts } from '../permissions/why-not.ts';

type Known = Omit<InstanceFacts, 'hostMaintenance'> & Readonly<{ hostId: string }>;

/** Adds to instances whether their host is in maintenance, which the list of instances does not tell. */
export function useInstanceFacts(): (instance: Known) => InstanceFacts {
  const { data } = useQuery(hostsQuery);
  return useMemo(() => {
    const inMaintenance = new Set(data?.items.filter((host) => host.maintenance).map((host) => host.id));
    return (instance) => ({ ...instance, hostMaintenance: inMaintenance.has(instance.hostId) });
  }, [data]);
}
