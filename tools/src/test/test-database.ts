import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@longshore/store';

/** One PostgreSQL for all suites of a run; each test file clones its own database from a template there. */
export async function startTestDatabase(): Promise<{ env: NodeJS.ProcessEnv; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  const postgres = await startEmbeddedPostgres({
    dataDir: join(folder, 'pg'),
    // Tests kill and inspect processes, not power: a flush per commit would only slow them.
    settings: { fsync: 'off', max_connections: '200' },
  });
  return {
    env: { LONGSHORE_TEST_DATABASE: postgres.url },
    stop: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
