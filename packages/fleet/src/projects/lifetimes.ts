import { LongshoreError } from '@longshore/contract';
import type { LockedProject } from './quotas.ts';

const DAY_MS = 86_400_000;

/**
 * When an instance shall end, as asked for and as its project allows; null: never. Pure.
 *
 * @param asked undefined where nothing was said: then the project's default
 * @throws LongshoreError `bad-request` (in the past), `lifetime-exceeded`
 */
export function endOfLife(
  asked: string | null | undefined,
  project: LockedProject | null,
  now: Date,
): Date | null {
  const longest = project?.max_lifetime_days ?? null;
  if (asked === undefined) {
    const days = project?.default_lifetime_days ?? longest;
    if (days === null) return null;
    return new Date(now.getTime() + Math.min(days, longest ?? days) * DAY_MS);
  }
  const end = asked === null ? null : new Date(asked);
  if (end !== null && end.getTime() <= now.getTime()) {
    throw new LongshoreError('bad-request', `The end ${asked} is past.`, { hint: 'Give a later one.' });
  }
  if (longest !== null && (end === null || end.getTime() > now.getTime() + longest * DAY_MS)) {
    throw new LongshoreError(
      'lifetime-exceeded',
      `Instances of the project ${project?.name ?? ''} live ${longest} days from now at most.`,
      { hint: 'Give an earlier end (`expiresAt`); it can be put off later.' },
    );
  }
  return end;
}
