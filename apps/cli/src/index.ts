export type { CliIo, Screen } from './cli-io.ts';
export { runCli } from './run-cli.ts';
