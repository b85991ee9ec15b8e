import { hostMemoryBytes, hostProcesses } from './cgroups.ts';
import { cliProgram, daemonEnvironment, daemonPid } from './daemon.ts';
import { sweepTestbeds } from './dismantle.ts';
import { installHostPackages } from './host-packages.ts';
import { entering, hostInitPid } from './host-power.ts';
import { buildImage, type ImageName } from './image.ts';
import { layoutHost, layoutTestbed } from './layout.ts';
import { attachTestbed, closeTestbedNamed, openTestbed } from './open-testbed.ts';
import { isProcessAlive } from './process-identity.ts';
import { runOnTerminal } from './run-command.ts';
import type { TestHost } from './test-host.ts';
import { TestbedError } from './testbed-error.ts';
import { listStates, readState, type TestbedState } from './testbed-state.ts';

/** What the shell entry was asked to do. */
export type Request = {
  readonly verb: string;
  readonly args: readonly string[];
  readonly name: string;
  readonly keep: boolean;
  readonly storage: 'dir' | 'btrfs';
  readonly trust: boolean;
  readonly print: (line: string) => void;
  /** For progress, which must not mix with what a shell evaluates. */
  readonly report: (line: string) => void;
};

/** Each verb with its usage and what it does; returns the exit code. */
export const verbs: Readonly<
  Record<string, { readonly usage: string; readonly run: (request: Request) => Promise<number> }>
> = {
  install: { usage: 'install the packages that hosts need (Debian)', run: install },
  up: { usage: '[LXD [INCUS]]  bring up hosts (default 2 0) that stay until "down"', run: up },
  down: { usage: '[--keep]  take everything down; --keep leaves the disks for the next "up"', run: down },
  status: { usage: 'all testbeds of this machine, their hosts and memory', run: status },
  env: { usage: 'shell lines with which lxc, incus and curl reach the hosts', run: env },
  cli: { usage: 'HOST ARGS…  lxc or incus as the local administrator of the host', run: cli },
  in: { usage: "HOST COMMAND…  run a command inside the host's namespaces", run: inside },
  daemon: { usage: 'HOST start|stop|kill|restart|freeze|thaw|log', run: daemon },
  power: { usage: 'HOST off|on  off is a power cut', run: power },
  cable: { usage: 'HOST out|in', run: cable },
  loss: { usage: 'HOST PERCENT  drop packets on the cable, both ways; 0 ends it', run: loss },
  rate: { usage: 'HOST KBIT  slow the cable down, both ways; 0 ends it', run: rate },
  ra: { usage: "on|off  the router's advertisements", run: ra },
  renumber: { usage: 'PREFIX  advertise a new /64 (2001:db8:77::), deprecate the old', run: renumber },
  token: { usage: 'HOST NAME  a one-time trust token', run: token },
  image: { usage: 'busybox|debian  build the image, print its path', run: image },
  import: { usage: 'HOST busybox|debian  import it as bb or deb', run: importOnHost },
  sweep: { usage: 'remove testbeds whose process has died', run: sweep },
};

async function install({ report }: Request): Promise<number> {
  await installHostPackages({ incus: true, log: report });
  return 0;
}

async function up({ args, name, storage, trust, report }: Request): Promise<number> {
  const [lxd, incus] = [wholeNumber(args[0] ?? '2'), wholeNumber(args[1] ?? '0')];
  await installHostPackages({ incus: incus > 0, log: report });
  const stop = new AbortController();
  const interrupt = () => stop.abort(new TestbedError('command-failed', 'interrupted'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  await openTestbed({ name, lxd, incus, storage, trust, persistent: true, signal: stop.signal, log: report });
  return 0;
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new TestbedError('bad-argument', `"${text}" is no whole number`);
}

async function down({ name, keep, report }: Request): Promise<number> {
  if (!(await closeTestbedNamed(name, keep))) report(`no testbed ${name}`);
  return 0;
}

async function status({ print }: Request): Promise<number> {
  const all = await listStates();
  if (all.length === 0) print('no testbed');
  for (const { name, state } of all) {
    print(`${name}: ${state ? belongsTo(state) : 'left over: npm run testbed -- sweep'}`);
    if (state)
      for (const line of await Promise.all(state.kinds.map((_, index) => hostLine(state, index))))
        print(line);
  }
  return 0;
}

function belongsTo(state: TestbedState): string {
  if (state.owner === null) return 'stays until "down"';
  return `of process ${state.owner.pid}${isProcessAlive(state.owner) ? '' : ', which has died'}`;
}

async function hostLine(state: TestbedState, index: number): Promise<string> {
  const testbed = layoutTestbed(state.name, state.slot);
  const host = layoutHost(testbed, index + 1);
  const kind = state.kinds[index] ?? '';
  const isOn = (await hostInitPid(host)) !== undefined;
  const pid = await daemonPid(host);
  const memory = Math.round((await hostMemoryBytes(state.name, host.port)) / 2 ** 20);
  const processes = (await hostProcesses(state.name, host.port)).length;
  return [
    `  ${host.name.padEnd(7)} ${kind.padEnd(5)} ${host.url}`,
    isOn ? `daemon ${pid ?? 'off'}` : 'power off',
    `${memory} MiB`,
    `${processes} processes`,
  ].join('  ');
}

async function env({ name, print }: Request): Promise<number> {
  for (const [key, value] of Object.entries(await (await attachTestbed(name)).environment())) {
    print(`export ${key}='${value}'`);
  }
  return 0;
}

async function cli(request: Request): Promise<number> {
  const { host, kind, words } = await located(request);
  return runOnTerminal([cliProgram(kind), ...words], daemonEnvironment(host, kind));
}

async function inside(request: Request): Promise<number> {
  const { testbed, host, kind, words } = await located(request);
  return runOnTerminal([...(await entering(testbed, host)), ...words], daemonEnvironment(host, kind));
}

/** For the verbs that hand our terminal on, which a host's handle does not do. */
async function located({ name, args }: Request) {
  const handle = (await attachTestbed(name)).host(args[0] ?? '');
  const state = await readState(name);
  const testbed = layoutTestbed(name, state?.slot ?? 0);
  const host = layoutHost(testbed, Number(handle.name.slice('host'.length)));
  return { testbed, host, kind: handle.kind, words: args.slice(1) };
}

async function named({ name, args }: Request): Promise<{ readonly host: TestHost; readonly word: string }> {
  return { host: (await attachTestbed(name)).host(args[0] ?? ''), word: args[1] ?? '' };
}

/** The word, if it is one of those; throws `bad-argument` naming them. */
function oneOf<const T extends string>(word: string | undefined, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === word);
  if (found !== undefined) return found;
  throw new TestbedError('bad-argument', `"${word ?? ''}": say ${choices.join(', ')}`);
}

async function daemon(request: Request): Promise<number> {
  const { host, word } = await named(request);
  const verb = oneOf(word, ['start', 'stop', 'kill', 'restart', 'freeze', 'thaw', 'log']);
  if (verb === 'log') request.print(await host.log());
  else await host.daemon(verb);
  return 0;
}

async function power(request: Request): Promise<number> {
  const { host, word } = await named(request);
  await host.power(oneOf(word, ['off', 'on']));
  return 0;
}

async function cable(request: Request): Promise<number> {
  const { host, word } = await named(request);
  await host.cable(oneOf(word, ['out', 'in']));
  return 0;
}

async function loss(request: Request): Promise<number> {
  const { host, word } = await named(request);
  await host.loss(wholeNumber(word));
  return 0;
}

async function rate(request: Request): Promise<number> {
  const { host, word } = await named(request);
  await host.rate(wholeNumber(word));
  return 0;
}

async function ra({ name, args }: Request): Promise<number> {
  await (await attachTestbed(name)).routerAdvertisements(oneOf(args[0], ['on', 'off']));
  return 0;
}

async function renumber({ name, args }: Request): Promise<number> {
  await (await attachTestbed(name)).renumber(args[0] ?? '');
  return 0;
}

async function token(request: Request): Promise<number> {
  const { host, word } = await named(request);
  if (word === '')
    throw new TestbedError('bad-argument', 'a token needs the name of the client that it is for');
  request.print(await host.token(word));
  return 0;
}

const imageNames: readonly ImageName[] = ['busybox', 'debian'];

async function image({ args, print, report }: Request): Promise<number> {
  print(await buildImage(oneOf(args[0], imageNames), { log: report }));
  return 0;
}

async function importOnHost(request: Request): Promise<number> {
  const { host, word } = await named(request);
  request.print(await host.importImage(oneOf(word, imageNames)));
  return 0;
}

async function sweep({ print }: Request): Promise<number> {
  for (const name of await sweepTestbeds()) print(name);
  return 0;
}
