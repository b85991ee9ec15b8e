import { CliError } from './cli-error.ts';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/**
 * A moment in the future out of a span (`30d`, `12h`) or a date, as the API takes it.
 * @throws CliError `usage`
 */
export function parseExpiry(text: string, now: Date): string {
  const span = /^([1-9][0-9]{0,5})([mhdw])$/.exec(text);
  const unit = span?.[2];
  const moment =
    unit === 'm' || unit === 'h' || unit === 'd' || unit === 'w'
      ? new Date(now.getTime() + Number(span?.[1]) * UNIT_MS[unit])
      : /^\d{4}-\d{2}-\d{2}/.test(text)
        ? new Date(text)
        : new Date(Number.NaN);
  if (!Number.isNaN(moment.getTime()) && moment > now) return moment.toISOString();
  throw new CliError('usage', `"${text}" is no time in the future.`, {
    hint: 'Write a span such as 30d or 12h, or a date such as 2027-01-31.',
  });
}
