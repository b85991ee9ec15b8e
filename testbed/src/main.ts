import { parseArgs } from 'node:util';
import { type Request, verbs } from './shell-verbs.ts';
import { TestbedError } from './testbed-error.ts';

const OPTIONS = {
  name: { type: 'string', default: 'tb' },
  keep: { type: 'boolean', default: false },
  storage: { type: 'string', default: 'dir' },
  untrusted: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What follows the host belongs to another program, options and all. */
const HANDS_ON: readonly string[] = ['cli', 'in'];

const USAGE = `npm run testbed -- [--name NAME] VERB …     (options of cli and in come before the verb)

${Object.entries(verbs)
  .map(([verb, { usage }]) => `  ${verb.padEnd(9)} ${usage}`)
  .join('\n')}

  --name NAME        which testbed, 1 to 6 of a-z and 0-9 (default tb)
  --storage btrfs    with "up": pools on btrfs in a file instead of plain directories
  --untrusted        with "up": hosts do not trust our client certificate`;

function readRequest(argv: readonly string[]): Request | undefined {
  const args = [...argv];
  const { tokens } = parseArgs({ args, options: OPTIONS, strict: false, tokens: true });
  const verbIndex = tokens.find((token) => token.kind === 'positional')?.index ?? args.length;
  const verb = args[verbIndex] ?? 'help';
  const handedOn = HANDS_ON.includes(verb) ? args.splice(verbIndex + 2) : [];
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help || !(verb in verbs)) return undefined;
  if (values.storage !== 'dir' && values.storage !== 'btrfs') {
    throw new TestbedError('bad-argument', `storage "${values.storage}": say dir or btrfs`);
  }
  return {
    verb,
    args: [...positionals.slice(1), ...handedOn],
    name: values.name,
    keep: values.keep,
    storage: values.storage,
    trust: !values.untrusted,
    print: (line) => process.stdout.write(`${line}\n`),
    report: (line) => process.stderr.write(`${line}\n`),
  };
}

/** Exit codes: 0 done, 1 failed, 2 not understood, or that of the program run by `cli` and `in`. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const request = readRequest(argv);
    const verb = request && verbs[request.verb];
    if (!request || !verb) {
      process.stderr.write(`${USAGE}\n`);
      return argv.length === 0 || argv.includes('--help') || argv.includes('help') ? 0 : 2;
    }
    return await verb.run(request);
  } catch (error) {
    if (error instanceof TestbedError) {
      const cause = error.cause instanceof Error ? `\n${error.cause.message}` : '';
      process.stderr.write(`testbed: ${error.message}${cause}\n`);
      return error.code === 'bad-argument' ? 2 : 1;
    }
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      process.stderr.write(`testbed: ${error.message}\n`);
      return 2;
    }
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
