import { t } from '../texts/texts.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago something was, short enough for a table: `12 s`, `3 min`, `5 h`, `2 d`. Null was never. */
export function ageText(moment: string | null, nowMs: number): string {
  if (moment === null) return t.age.never;
  // The clocks of browser and server differ; the future is now.
  const ms = Math.max(0, nowMs - Date.parse(moment));
  if (ms < 5 * SECOND_MS) return t.age.now;
  if (ms < MINUTE_MS) return t.age.seconds(Math.floor(ms / SECOND_MS));
  if (ms < HOUR_MS) return t.age.minutes(Math.floor(ms / MINUTE_MS));
  if (ms < 2 * DAY_MS) return t.age.hours(Math.floor(ms / HOUR_MS));
  return t.age.days(Math.floor(ms / DAY_MS));
}

/** How long something took or has been going on. */
export function durationText(from: string, to: string | null, nowMs: number): string {
  const ms = Math.max(0, (to === null ? nowMs : Date.parse(to)) - Date.parse(from));
  if (ms < 10 * SECOND_MS) return t.age.seconds(Math.round(ms / 100) / 10);
  if (ms < MINUTE_MS) return t.age.seconds(Math.round(ms / SECOND_MS));
  return t.age.minutes(Math.round(ms / MINUTE_MS));
}
