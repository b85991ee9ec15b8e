import { createHash } from 'node:crypto';

/** No member gets more than its even part and a tenth: small sets come out exact, large ones move little. */
const allowance = 1.1;

/**
 * Says which member each key belongs to, the same on every member that sees the same members and keys:
 * rendezvous hashing with a bound on each member's load. When a member comes or goes, few other keys move.
 */
export function divideKeys(members: readonly string[], keys: readonly string[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  if (members.length === 0) return owners;
  const even = keys.length / members.length;
  const limit = Math.max(Math.ceil(even), Math.floor(even * allowance));
  const load = new Map<string, number>();
  const choices = keys.flatMap((key) =>
    members.map((member) => ({ key, member, weight: weigh(member, key) })),
  );
  choices.sort((a, b) => b.weight - a.weight || compare(a.key, b.key) || compare(a.member, b.member));
  for (const { key, member } of choices) {
    const count = load.get(member) ?? 0;
    if (owners.has(key) || count >= limit) continue;
    owners.set(key, member);
    load.set(member, count + 1);
  }
  return owners;
}

function weigh(member: string, key: string): number {
  return createHash('sha256').update(`${member}\0${key}`).digest().readUIntBE(0, 6);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
