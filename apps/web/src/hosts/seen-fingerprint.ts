import type { Host } from '@longshore/contract';

/** The certificate that a quarantined host shows now. The API tells it at the end of the reason. Null for all others. */
export function seenFingerprint(host: Pick<Host, 'status' | 'statusReason'>): string | null {
  if (host.status !== 'quarantined') return null;
  return /It shows ([0-9a-f]{64})\.$/.exec(host.statusReason ?? '')?.[1] ?? null;
}

/** A fingerprint in groups of four digits, to be compared by eye. */
export function groupedFingerprint(fingerprint: string): string {
  return fingerprint.replaceAll(/(.{4})(?=.)/g, '$1 ');
}
