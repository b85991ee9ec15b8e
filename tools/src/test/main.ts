/**
 * `npm test` and `npm run check`: every check of the project in one run.
 * Usage: main.ts all | check | SUITE… [-- FILE…], where SUITE is static, unit, db, host or e2e.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Counts, closingLine, sum } from './counts.ts';
import { prepareHosts } from './prepare-hosts.ts';
import { runCommand } from './run-command.ts';
import { runSuite } from './run-suite.ts';
import { STATIC_CHECKS } from './static-checks.ts';
import { findSuites, type Suite } from './suites.ts';
import { startTestDatabase } from './test-database.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const STATIC_LIMIT_SECONDS = 300;
const NAMES = ['static', 'unit', 'db', 'host', 'e2e'] as const;
type Name = (typeof NAMES)[number];

const wanted = process.argv.slice(2).flatMap((word): readonly Name[] => {
  if (word === 'all') return NAMES;
  if (word === 'check') return ['static', 'unit'];
  const name = NAMES.find((one) => one === word);
  if (name === undefined) {
    process.stderr.write(`no suite "${word}"; there are: all, check, ${NAMES.join(', ')}\n`);
    process.exit(2);
  }
  return [name];
});

const skips: string[] = [];
const totals: Counts[] = [];

async function section(title: string, work: () => Promise<Counts>): Promise<void> {
  process.stdout.write(`\n== ${title}\n`);
  const started = Date.now();
  const counts = await work();
  totals.push(counts);
  process.stdout.write(
    `-- ${title}: ${closingLine(counts)} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`,
  );
}

function skip(suite: Suite, reason: string): Counts {
  skips.push(`${suite.title}: ${suite.files.length} files not run: ${reason}`);
  return { passed: 0, failed: 0, skipped: suite.files.length };
}

if (wanted.includes('static')) {
  await section('static checks', async () => {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const check of STATIC_CHECKS) {
      const { ok, seconds } = await runCommand(check.command, check.args, {
        cwd: ROOT,
        limitSeconds: STATIC_LIMIT_SECONDS,
      });
      process.stdout.write(`  ${ok ? 'ok    ' : 'FAILED'} ${check.name} (${seconds.toFixed(1)} s)\n`);
      counts[ok ? 'passed' : 'failed'] += 1;
    }
    return counts;
  });
}

const suites = findSuites(ROOT).filter((suite) => wanted.includes(suite.name) && suite.files.length > 0);
const needsHosts = suites.some((suite) => suite.name === 'host' || suite.name === 'e2e');
const hosts = needsHosts ? await prepareHosts() : undefined;
const database = suites.some((suite) => suite.name !== 'unit') ? await startTestDatabase() : undefined;
try {
  for (const suite of suites) {
    await section(suite.title, async () => {
      if ((suite.name === 'host' || suite.name === 'e2e') && hosts?.ok === false)
        return skip(suite, hosts.reason);
      return runSuite(ROOT, suite, suite.name === 'unit' || database === undefined ? {} : database.env);
    });
  }
} finally {
  await database?.stop();
}

const total = sum(totals);
for (const line of skips) process.stdout.write(`\n!!! SKIPPED ${line}\n`);
const hostsMissing = hosts?.ok === false && process.env.LONGSHORE_REQUIRE_HOSTS === '1';
if (hostsMissing)
  process.stdout.write(
    '\n!!! Real hosts are required here (LONGSHORE_REQUIRE_HOSTS=1): the skip above is a failure.\n',
  );
if (hostsMissing) total.failed += 1;
process.stdout.write(`\n${closingLine(total)}\n`);
process.exit(total.failed === 0 ? 0 : 1);
