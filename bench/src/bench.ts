import type { Report } from './report/report.ts';

/** What a bench is given: how long it may take, where to say what it does, and when to stop. */
export type BenchContext = Readonly<{ quick: boolean; log: (line: string) => void; signal: AbortSignal }>;

/** One bench: what it measures against whom, and how. It sets up and takes down everything it needs. */
export type Bench = Readonly<{ name: string; measures: string; run(context: BenchContext): Promise<Report> }>;
