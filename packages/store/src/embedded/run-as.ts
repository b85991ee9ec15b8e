import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { StoreError } from '../store-error.ts';

/** Under which identity PostgreSQL's programs run. `undefined` ids mean: as ourselves. */
export interface RunAs {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Path of util-linux' setpriv, or undefined where there is none (macOS, minimal images). */
  readonly setpriv: string | undefined;
  /**
   * Keeps the one capability to read and pass folders closed to the uid (capabilities(7),
   * CAP_DAC_READ_SEARCH): for a data directory below /root or another folder of mode 0700.
   */
  readonly passesClosedFolders: boolean;
}

/** Accounts tried for root, best first. initdb wants a passwd entry for its uid, so a bare number will not do. */
const candidateUsers = ['longshore', 'postgres', 'nobody'] as const;

const setprivPaths = ['/usr/bin/setpriv', '/bin/setpriv'] as const;

/**
 * Chooses the identity: ourselves, or for root (as whom PostgreSQL refuses to run) an unprivileged account.
 * An existing data directory keeps its owner.
 *
 * @param dataOwnerUid owner of the existing data directory, where there is one
 * @throws StoreError `postgres_no_user`
 */
export async function chooseRunAs(dataOwnerUid: number | undefined): Promise<RunAs> {
  const setpriv = setprivPaths.find((path) => existsSync(path));
  if (process.getuid?.() !== 0) {
    return { uid: undefined, gid: undefined, setpriv, passesClosedFolders: false };
  }
  const accounts = parsePasswd(await readFile('/etc/passwd', 'utf8'));
  const owner = accounts.find((account) => account.uid === dataOwnerUid && account.uid !== 0);
  const chosen = owner ?? candidateUsers.map((name) => accounts.find((a) => a.name === name)).find((a) => a);
  if (chosen === undefined) {
    throw new StoreError(
      'postgres_no_user',
      `PostgreSQL does not run as root, and there is none of the accounts ${candidateUsers.join(', ')} to run it as. ` +
        'Create one (useradd --system longshore), start Longshore as another user, or set DATABASE_URL.',
    );
  }
  return { uid: chosen.uid, gid: chosen.gid, setpriv, passesClosedFolders: false };
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

function parsePasswd(text: string): readonly Account[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || !uid || !gid) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

/** Nothing of our environment reaches PostgreSQL: PG* variables would change what it does. */
const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Starts a program under `runAs` with stderr piped. With setpriv it also gets SIGINT (PostgreSQL's fast
 * shutdown) when we die, kill -9 included: otherwise the postmaster would live on and block the next start.
 */
export function spawnAs(runAs: RunAs, program: string, args: readonly string[], cwd: string): ChildProcess {
  if (runAs.setpriv === undefined) {
    return spawn(program, args, {
      cwd,
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(runAs.uid === undefined ? {} : { uid: runAs.uid }),
      ...(runAs.gid === undefined ? {} : { gid: runAs.gid }),
    });
  }
  return spawn(runAs.setpriv, [...setprivArgs(runAs), '--pdeathsig=INT', program, ...args], {
    cwd,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function setprivArgs(runAs: RunAs): readonly string[] {
  if (runAs.uid === undefined) return ['--no-new-privs'];
  const kept = runAs.passesClosedFolders ? ',+dac_read_search' : '';
  return [
    `--reuid=${runAs.uid}`,
    `--regid=${runAs.gid}`,
    '--clear-groups',
    '--no-new-privs',
    `--bounding-set=-all${kept}`,
    `--inh-caps=-all${kept}`,
    ...(kept ? [`--ambient-caps=-all${kept}`] : []),
  ];
}

/** The result of a program that ran to its end; `output` is stdout and stderr. */
export interface ProgramReport {
  readonly code: number;
  readonly output: string;
}

/** Runs a short program under `runAs`. A program that cannot be started reports code 127 and the reason. */
export function runToEnd(
  runAs: RunAs,
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<ProgramReport> {
  const asUid = runAs.uid !== undefined && runAs.setpriv === undefined;
  const [file, argv] =
    runAs.setpriv === undefined
      ? [program, args]
      : [runAs.setpriv, [...setprivArgs(runAs), program, ...args]];
  const ids = asUid ? { uid: runAs.uid, gid: runAs.gid } : {};
  return new Promise((resolve) => {
    execFile(file, [...argv], { cwd, env: environment, ...ids }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      if (error === null) resolve({ code: 0, output });
      else
        resolve({ code: typeof error.code === 'number' ? error.code : 127, output: output || error.message });
    });
  });
}
