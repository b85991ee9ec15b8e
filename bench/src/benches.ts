import type { Bench } from './bench.ts';
import { consoleLatency } from './benches/console-latency.ts';
import { consoleOpen } from './benches/console-open.ts';
import { consoleSessions } from './benches/console-sessions.ts';
import { consoleThroughput } from './benches/console-throughput.ts';
import { consoleTickets } from './benches/console-tickets.ts';
import { dns, dnsTcp } from './benches/dns.ts';
import { footprint } from './benches/footprint.ts';
import { freshness } from './benches/freshness.ts';
import { keyRemoval } from './benches/key-removal.ts';
import { launch } from './benches/launch.ts';
import { list } from './benches/list.ts';
import { scale } from './benches/scale.ts';
import { webLive } from './benches/web-live.ts';
import { webLoad } from './benches/web-load.ts';
import { webTable } from './benches/web-table.ts';

/** Every bench, in the order of docs/performance.md. */
export const benches: readonly Bench[] = [
  list,
  freshness,
  launch,
  scale,
  footprint,
  dns,
  dnsTcp,
  keyRemoval,
  webLoad,
  webTable,
  webLive,
  consoleThroughput,
  consoleLatency,
  consoleOpen,
  consoleSessions,
  consoleTickets,
];
