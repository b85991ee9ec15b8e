import type { Host, HostWarning } from '@longshore/contract';

/** Something that a person should look at, and on which hosts. */
export type Attention = Readonly<{
  severity: HostWarning['severity'];
  message: string;
  hint: string;
  hosts: readonly Readonly<{ id: string; name: string }>[];
}>;

const ORDER: readonly HostWarning['severity'][] = ['critical', 'warning', 'info'];

/**
 * What is wrong with the hosts, the worst first. What several hosts have in common is said once: a fleet of fifty with one
 * old version is one thing to do, not fifty.
 */
export function attentionOf(
  hosts: readonly Host[],
  statusText: (host: Host) => string,
): readonly Attention[] {
  const found = new Map<string, Attention>();
  const add = (host: Host, severity: HostWarning['severity'], message: string, hint: string) => {
    const key = `${severity}\n${message}\n${hint}`;
    const known = found.get(key)?.hosts ?? [];
    found.set(key, { severity, message, hint, hosts: [...known, { id: host.id, name: host.name }] });
  };
  for (const host of hosts) {
    if (host.status === 'unreachable' || host.status === 'quarantined')
      add(host, 'critical', statusText(host), host.statusReason ?? '');
    for (const { severity, message, hint } of host.warnings)
      if (severity !== 'info') add(host, severity, message, hint);
  }
  const weight = (each: Attention) => ORDER.indexOf(each.severity) * 2 + (each.hosts.length > 1 ? 1 : 0);
  return [...found.values()].sort((a, b) => weight(a) - weight(b));
}
