export { type TestDatabase, type TestDatabaseOptions, testDatabase } from './test-database.ts';
export { startTestPostgres, type TestPostgres } from './test-postgres.ts';
export { waitUntil } from './wait-until.ts';
