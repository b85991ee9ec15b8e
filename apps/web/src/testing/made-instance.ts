import type { InstancePage, InstanceSummary } from '@longshore/contract';

/** A running instance for a test; `over` says what matters there. */
export function madeInstance(over: Partial<InstanceSummary> = {}): InstanceSummary {
  return {
    id: 'i1',
    name: 'web',
    hostId: 'h1',
    projectId: null,
    lxdProject: 'default',
    type: 'container',
    status: 'running',
    claimed: true,
    protected: false,
    labels: {},
    addresses: ['10.0.0.2'],
    image: 'Debian 13',
    cpu: null,
    memory: null,
    snapshots: 0,
    expiresAt: null,
    createdAt: '2026-01-01T00:00:00Z',
    observedAt: '2026-01-01T00:00:00Z',
    operationId: null,
    ...over,
  };
}

/** A page of instances on one host, `a`. */
export function madePage(items: readonly InstanceSummary[]): InstancePage {
  return {
    items: [...items],
    next: null,
    total: items.length,
    projects: {},
    hosts: { h1: { name: 'a', status: 'online', observedAt: '2026-01-01T00:00:00Z' } },
  };
}
