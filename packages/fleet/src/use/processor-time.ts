/** Processor time of each running instance of a host in seconds, by a number made of its labels. */
export type ProcessorTimes = ReadonlyMap<number, number>;

/** `lxd_cpu_seconds_total{cpu="0",mode="user",name="c1",project="default",type="container"} 1.5` (LXD doc/metrics). */
const FAMILY = /^(?:lxd|incus)_cpu_seconds_total\{/;
const IDLE = /mode="(?:idle|iowait|steal)"/;
/** A host that tells of more is not to be believed; the largest have some thousands. */
const MAX_INSTANCES = 20_000;
const WHOSE = /(?:name|project)="([^"]*)"/g;

/** Reads the processor times out of a host's metrics. Keeps nothing of the text, which may be of many kilobytes. */
export function processorTimesIn(metrics: string): ProcessorTimes {
  const times = new Map<number, number>();
  for (let start = 0; start < metrics.length; ) {
    const found = metrics.indexOf('\n', start);
    const end = found < 0 ? metrics.length : found;
    // Nearly all lines are of other families: look before cutting.
    if (metrics.startsWith('lxd_cpu_s', start) || metrics.startsWith('incus_cpu_s', start)) {
      const line = metrics.slice(start, end);
      const seconds = Number(line.slice(line.lastIndexOf(' ') + 1));
      if (FAMILY.test(line) && !IDLE.test(line) && Number.isFinite(seconds) && seconds >= 0) {
        const whose = numberOf([...line.matchAll(WHOSE)].map(([label]) => label).join(' '));
        if (times.size < MAX_INSTANCES || times.has(whose))
          times.set(whose, (times.get(whose) ?? 0) + seconds);
      }
    }
    start = end + 1;
  }
  return times;
}

/**
 * What instances took of all threads of a host between two readings, in percent. One that was started or restarted in
 * between counts from the next reading on.
 */
export function usedPercent(
  before: ProcessorTimes,
  now: ProcessorTimes,
  elapsedSeconds: number,
  threads: number,
): number | null {
  if (elapsedSeconds <= 0 || threads <= 0) return null;
  let seconds = 0;
  for (const [whose, time] of now) {
    const then = before.get(whose);
    if (then !== undefined && time > then) seconds += time - then;
  }
  return Math.min(100, (seconds / elapsedSeconds / threads) * 100);
}

/** FNV-1a of 32 bits: two of some hundred instances of a host meet once in a hundred thousand hosts. */
function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
