import type { Bench } from './bench.ts';
import { footprint } from './benches/footprint.ts';
import { freshness } from './benches/freshness.ts';
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
  webLoad,
  webTable,
  webLive,
];
