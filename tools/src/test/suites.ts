import { globSync } from 'node:fs';

/** A suite of test files that share what they need. */
export type Suite = Readonly<{
  name: 'unit' | 'db' | 'host' | 'e2e';
  title: string;
  files: readonly string[];
  /** Files run beside each other; hosts and whole fleets want the machine to themselves. */
  concurrency: number;
  /** One test may take this long. */
  testLimitSeconds: number;
  /** The whole suite may take this long; reached only by something that hangs. */
  limitSeconds: number;
}>;

const ROOMS = '{packages/*,apps/*,testbed,bench,tools}/src/**';

/** All test files, by what they need. The ending says it: `.test.ts`, `.db.test.ts`, `.host.test.ts`, `.e2e.ts`. */
export function findSuites(root: string): readonly Suite[] {
  const find = (pattern: string) => globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] }).sort();
  const all = find(`${ROOMS}/*.test.ts`);
  const db = all.filter((file) => file.endsWith('.db.test.ts'));
  const host = all.filter((file) => file.endsWith('.host.test.ts'));
  const unit = all.filter((file) => !db.includes(file) && !host.includes(file));
  return [
    { name: 'unit', title: 'unit', files: unit, concurrency: 2, testLimitSeconds: 60, limitSeconds: 300 },
    {
      name: 'db',
      title: 'integration on a real PostgreSQL',
      files: db,
      concurrency: 2,
      testLimitSeconds: 180,
      limitSeconds: 900,
    },
    {
      name: 'host',
      title: 'integration on real LXD and Incus hosts',
      files: host,
      concurrency: 1,
      testLimitSeconds: 240,
      limitSeconds: 1200,
    },
    {
      name: 'e2e',
      title: 'end to end on real hosts',
      files: find('e2e/**/*.e2e.ts'),
      concurrency: 1,
      testLimitSeconds: 600,
      limitSeconds: 1800,
    },
  ];
}
