import type { Command, Option } from 'commander';
import { argumentName, examplesFor } from './examples.ts';
import { HELP_TOPICS } from './help-topics.ts';

const INTRO = `# The command line

\`longshore\` does everything that the API does. From a checkout it is \`bin/longshore\`; put that folder into your \`PATH\`,
or link the file: \`ln -s "$PWD/bin/longshore" ~/.local/bin/\`.

\`\`\`
longshore setup 'http://127.0.0.1:8420/setup#CODE'    # the link of the server's first start; keeps the token
longshore host enrol https://10.0.0.2:8443            # shows the fingerprint, asks the rest
longshore launch debian web1                          # on the host with the most room
longshore list
longshore move web1 --host b
\`\`\`

Nouns come first, then verbs; what is done most has a short form: \`longshore list\` is \`longshore instance list\`.
Instances are named \`NAME\`, \`HOST/NAME\` where a name stands on several hosts, or by identifier. \`longshore completion\`
prints the completion of bash, zsh and fish, which completes names from the server too.

Several names, or \`--filter\`, make one operation of many instances: they are shown and confirmed first (\`--yes\` where no
person can be asked), and each has its result. Exactly the instances shown are acted on.

This page is made from the command itself by \`node apps/cli/src/docs/write-cli-page.ts\`; a test compares them.
`;

/** Options that stand once in the page and not with each command. */
const SHARED = `- \`--json\`, \`--yaml\`, \`-q, --quiet\`: form of the output (see above)
- \`--columns <names>\`, \`--no-header\`: of lists; the \`--help\` of each names its columns
- \`--no-wait\`: of changes: return as soon as the server has accepted it; prints the operation
- \`--timeout <seconds>\`: of changes: stop waiting after this time (exit code 7)
- \`-y, --yes\`: do not ask for confirmation
`;
const SHARED_NAMES = ['json', 'yaml', 'quiet', 'columns', 'header', 'wait', 'timeout', 'yes'];

/** The text of docs/cli.md, made from the command tree. */
export function cliPage(program: Command): string {
  const topics = Object.values(HELP_TOPICS).map(
    ({ title, text }) => `## ${title}\n\n\`\`\`\n${text}\n\`\`\`\n`,
  );
  const leaves = leavesOf(program);
  const short = leaves.filter(isShortForm).map((each) => `\`${each.name()}\``);
  return [
    INTRO,
    ...topics,
    `## Options that many commands have\n\n${optionList(program.options)}${SHARED}`,
    `## Commands\n\nThese have a short form without \`instance\`: ${short.join(', ')}.\n`,
    ...leaves.filter((each) => !isShortForm(each)).map(section),
  ].join('\n');
}

/** Every command that does something, in the order of the help; hidden ones are for machines. */
function leavesOf(command: Command): readonly Command[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.flatMap((each) => (each.commands.length > 0 ? leavesOf(each) : [each]));
}

/** The words that call a command: `longshore host list`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function section(command: Command): string {
  const path = pathOf(command);
  const args = command.registeredArguments.map((argument) => {
    const name = argumentName(argument);
    return argument.required ? name : `[${name}]`;
  });
  const aliases = command.aliases();
  const parts = [
    `### \`${[path, ...args].join(' ')}\`\n`,
    `${sentence(command.description())}${aliases.length > 0 ? ` Also: ${aliases.map((each) => `\`${each}\``).join(', ')}.` : ''}\n`,
  ];
  const described = command.registeredArguments.filter((argument) => argument.description !== '');
  const lines = described.map(
    (argument) => `- \`${argumentName(argument)}\`: ${escaped(argument.description)}\n`,
  );
  const list =
    lines.join('') +
    optionList(command.options.filter((option) => !SHARED_NAMES.includes(option.attributeName())));
  if (list !== '') parts.push(list);
  const examples = examplesFor(command);
  if (examples.length > 0) parts.push(`\`\`\`\n${examples.join('\n')}\n\`\`\`\n`);
  return parts.join('\n');
}

/** True for a command at the top that `instance` has as well. */
function isShortForm(command: Command): boolean {
  const top = command.parent;
  if (top === null || top.parent !== null) return false;
  const group = top.commands.find((each) => each.name() === 'instance');
  return group?.commands.some((each) => each.name() === command.name()) === true;
}

function optionList(options: readonly Option[]): string {
  return options.map((option) => `- \`${option.flags}\`: ${escaped(option.description)}\n`).join('');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${escaped(text.slice(1))}.`;
}

/** Keeps what stands in the text from becoming markup, outside of code. */
function escaped(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll(/[*<_]/g, '\\$&')))
    .join('');
}
