import { CommanderError } from 'commander';
import { CliError, type Report, reportOf } from './cli-error.ts';
import { type CliIo, wantsColour } from './cli-io.ts';
import { RemoteExit } from './consoles/attach.ts';
import { EXIT } from './exit-codes.ts';
import { safeBlock, safeJson } from './output/safe-text.ts';
import { paint } from './output/table.ts';
import { buildProgram } from './program.ts';

/**
 * Runs one command line (without `node` and the program's path) and returns its exit code: one of {@link EXIT}, or that
 * of a command in an instance. Never throws.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  try {
    const program = buildProgram(io);
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT.ok;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return io.interrupt.signal.aborted ? EXIT.interrupted : EXIT.ok;
  } catch (error) {
    if (error instanceof RemoteExit) return error.code;
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    // A group without a verb has shown its help on standard error already.
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
    const report = reportOf(interrupted(error, io) ? new CliError('interrupted', 'Interrupted.') : error);
    tell(report, io, argv);
    return report.exit;
  }
}

/** True for what a call throws when Ctrl-C has ended it; an error that says more is kept. */
function interrupted(error: unknown, io: CliIo): boolean {
  return io.interrupt.signal.aborted && !(error instanceof CliError);
}

function tell(report: Report, io: CliIo, argv: readonly string[]): void {
  if (argv.includes('--json')) {
    io.stderr.write(`${safeJson(report.problem)}\n`);
    return;
  }
  const { detail, hint, fields, operation } = report.problem;
  const colour = wantsColour(io, io.stderr);
  const lines = [`${paint('Error:', 'bad', colour)} ${safeBlock(detail)}`];
  for (const { path, message } of fields ?? []) lines.push(`  ${safeBlock(path)}: ${safeBlock(message)}`);
  if (hint !== undefined && hint !== '') lines.push(`${paint('Hint:', 'faint', colour)} ${safeBlock(hint)}`);
  if (operation !== undefined) lines.push(`See \`longshore operation show ${operation}\`.`);
  io.stderr.write(lines.map((line) => `${line}\n`).join(''));
}
