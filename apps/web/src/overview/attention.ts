import type { Host, HostWarning } from '@longshore/contract';

/** Something about a host that a person should look at. */
export type Attention = Readonly<{
  key: string;
  hostId: string;
  host: string;
  severity: HostWarning['severity'];
  message: string;
  hint: string;
}>;

const ORDER: readonly HostWarning['severity'][] = ['critical', 'warning', 'info'];

/** What is wrong with the hosts, the worst first. A host that cannot be reached is a fact that a person has to know. */
export function attentionOf(
  hosts: readonly Host[],
  statusText: (host: Host) => string,
): readonly Attention[] {
  const found = hosts.flatMap((host): Attention[] => {
    const about = { hostId: host.id, host: host.name };
    const warnings = host.warnings
      .filter((warning) => warning.severity !== 'info')
      .map((warning) => ({
        ...about,
        key: `${host.id}/${warning.code}`,
        severity: warning.severity,
        message: warning.message,
        hint: warning.hint,
      }));
    if (host.status !== 'unreachable' && host.status !== 'quarantined') return warnings;
    const status: Attention = {
      ...about,
      key: `${host.id}/status`,
      severity: 'critical',
      message: statusText(host),
      hint: host.statusReason ?? '',
    };
    return [status, ...warnings];
  });
  return found.sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}
