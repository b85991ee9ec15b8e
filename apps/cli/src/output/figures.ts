/** Bytes as people read them, with binary units as LXD writes them. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** How long ago a moment was: `12s`, `5m`, `3h`, `4d`. */
export function age(moment: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(moment)) / 1000));
  return seconds < 10 ? `${seconds}s` : duration(seconds * 1000);
}

/** A span of time in its largest unit; milliseconds in. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)}h`;
  return `${Math.round(seconds / 86_400)}d`;
}

/** A moment in the person's own time zone, to the minute; the API's form in `--json`. */
export function moment(text: string | null): string {
  if (text === null) return '';
  const date = new Date(text);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Labels as `key=value`, in order. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join(',');
}
