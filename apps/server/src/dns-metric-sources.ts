import type { MetricSource } from '@longshore/api';
import type { DnsServer } from '@longshore/dns';

/** The figures of this process's name server, for `/metrics`. */
export function dnsMetricSources(dns: DnsServer): readonly MetricSource[] {
  const one = (name: string, help: string, read: () => number): MetricSource => ({
    name,
    help,
    collect: async () => [{ value: read() }],
  });
  const { counts } = dns;
  return [
    one(
      'longshore_dns_stale_seconds',
      'Since answers were last known to be true to the database.',
      dns.staleSeconds,
    ),
    one('longshore_dns_zones', 'Zones that are answered for.', dns.zones),
    one('longshore_dns_names', 'Names in memory.', dns.names),
    {
      name: 'longshore_dns_messages_total',
      help: 'Questions, and what became of them.',
      labels: ['what'],
      kind: 'counter',
      collect: async () => Object.entries(counts).map(([what, value]) => ({ labels: { what }, value })),
    },
  ];
}
