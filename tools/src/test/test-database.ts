import { startTestPostgres } from '@longshore/store/testing';

/** One PostgreSQL for all suites of a run, in memory; each test file clones its own database from a template there. */
export async function startTestDatabase(): Promise<{ env: NodeJS.ProcessEnv; stop(): Promise<void> }> {
  const postgres = await startTestPostgres();
  return { env: { LONGSHORE_TEST_DATABASE: postgres.adminUrl }, stop: () => postgres.stop() };
}
