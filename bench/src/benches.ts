import type { Bench } from './bench.ts';

/** Every bench by name, in the order of docs/performance.md. */
export const benches: readonly Bench[] = [];
