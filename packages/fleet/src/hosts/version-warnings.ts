import type { HostWarning } from '@longshore/contract';
import type { ServerInfo } from '@longshore/lxd';

/** Holes that were made public, by the versions that have them. Looked up on 2026-11-30. */
const HOLES: readonly {
  readonly kind: ServerInfo['serverKind'];
  readonly cve: string;
  /** From the first version inclusive to the second exclusive. */
  readonly affected: readonly (readonly [string, string])[];
  readonly what: string;
  readonly severity: HostWarning['severity'];
}[] = [
  {
    // cve.org CVE-2026-28384 (Canonical, 2026-03-12); the 5.0 fix is a later build of 5.0.6, so 5.0.6 may have it.
    kind: 'lxd',
    cve: 'CVE-2026-28384',
    affected: [
      ['4.12', '5.0.6'],
      ['5.1', '5.21.4'],
      ['6.0', '6.7'],
    ],
    what: 'a restricted client can run commands as the daemon through the compression of images and backups',
    severity: 'critical',
  },
  {
    // cve.org CVE-2026-9640 (Canonical, 2026-06-26); Debian DSA-6373-1.
    kind: 'lxd',
    cve: 'CVE-2026-9640',
    affected: [
      ['5.0.0', '5.0.7'],
      ['5.21.0', '5.21.5'],
      ['6.0', '6.9'],
    ],
    what: 'restoring a crafted snapshot gets around the restrictions of a project, up to root on the host',
    severity: 'critical',
  },
  {
    // GHSA-56mx-8g9f-5crf (2025-11-10); lxc/incus pull request 2642.
    kind: 'incus',
    cve: 'CVE-2025-64507',
    affected: [
      ['0.1', '6.0.6'],
      ['6.1', '6.19'],
    ],
    what: 'a local user of the host can become root through a shifted storage volume',
    severity: 'warning',
  },
  {
    // GHSA-x6jc-phwx-hp32 and GHSA-7f67-crqm-jgh7 (2026-01); Debian DSA-6153-1 for LXD.
    kind: 'incus',
    cve: 'CVE-2026-23953, CVE-2026-23954',
    affected: [
      ['0.1', '6.0.6'],
      ['6.1', '6.21'],
    ],
    what: 'who may create instances or images can write files and run commands as root on the host',
    severity: 'critical',
  },
  {
    // GHSA-4m88-wxj4-9qj6 (2026-05-06); Debian DSA-6244-1.
    kind: 'incus',
    cve: 'CVE-2026-40251',
    affected: [['0.1', '7.0']],
    what: 'a crafted backup archive makes the daemon crash',
    severity: 'warning',
  },
];

/**
 * What people should know of a server by its version number. Distributions mend holes without changing the number,
 * which the hint says: the warning is a reason to look, not a finding. Pure.
 */
export function versionWarnings(
  info: Pick<ServerInfo, 'serverKind' | 'version' | 'clustered'>,
): HostWarning[] {
  const warnings: HostWarning[] = [];
  for (const hole of HOLES) {
    if (hole.kind !== info.serverKind) continue;
    if (!hole.affected.some(([from, to]) => !isOlder(info.version, from) && isOlder(info.version, to)))
      continue;
    warnings.push({
      code: hole.cve,
      severity: hole.severity,
      message: `${nameOf(info.serverKind)} ${info.version} is in the range of ${hole.cve}: ${hole.what}.`,
      hint: "Update the host. A distribution's package may be mended under the same version: see its changelog for the number.",
    });
  }
  if (info.clustered) {
    warnings.push({
      code: 'clustered',
      severity: 'info',
      message: 'The host is a member of a cluster.',
      hint: 'Longshore sees the whole cluster as one host; enrol one member only.',
    });
  }
  return warnings;
}

/** Whether version `a` comes before `b`, number by number; what is no number counts as 0. */
export function isOlder(a: string, b: string): boolean {
  const left = numbersOf(a);
  const right = numbersOf(b);
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function numbersOf(version: string): number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}

function nameOf(kind: ServerInfo['serverKind']): string {
  return kind === 'lxd' ? 'LXD' : 'Incus';
}
