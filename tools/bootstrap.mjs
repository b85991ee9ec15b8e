// Starts any of our programs on the pinned Node, from whatever Node runs npm; installs packages first when the
// checkout is fresh or the lock file has changed. Plain JavaScript without dependencies: it must run on Node 18.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const STAMP = join(ROOT, 'node_modules', '.longshore-lock');
const LOCK = join(ROOT, '.install-lock');
const STALE_LOCK_MS = 10 * 60_000; // an install that takes longer was killed and left its lock behind

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
const installed = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lockHash();
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function fail(message) {
  process.stderr.write(`longshore: ${message}\n`);
  process.exit(1);
}

/** Takes the install lock (a folder: made atomically on every file system); false when another holds it. */
function takeLock() {
  try {
    mkdirSync(LOCK);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') fail(`cannot write to ${ROOT}: ${error.message}`);
    try {
      if (Date.now() - statSync(LOCK).mtimeMs > STALE_LOCK_MS) rmSync(LOCK, { recursive: true, force: true });
    } catch {
      // The other process has just removed it; the next round takes it.
    }
    return false;
  }
}

function install() {
  while (!installed()) {
    if (!takeLock()) {
      sleep(300);
      continue;
    }
    try {
      if (installed()) return;
      process.stderr.write('longshore: installing packages (npm ci) …\n');
      const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
      const done = spawnSync(npm, ['ci', '--ignore-scripts', '--loglevel=error'], {
        cwd: ROOT,
        stdio: ['ignore', 2, 2],
      });
      if (done.status !== 0) fail('npm ci failed; see its output above, then run the same command again');
      writeFileSync(STAMP, lockHash());
    } finally {
      rmSync(LOCK, { recursive: true, force: true });
    }
  }
}

/** Path of the pinned Node that npm installed for this platform. */
export function pinnedNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const path = join(ROOT, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(path)) return path;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(
    `no Node 24 for ${process.platform} ${process.arch} in node_modules; install Node 24 and run again`,
  );
}

install();
const args = process.argv.slice(2);
// The server brings its browser UI: built when its sources are newer than what was built last.
if (args[0] === '--with-ui') {
  args.shift();
  const built = spawnSync(pinnedNode(), [join(ROOT, 'tools', 'src', 'build-ui.ts'), '--if-needed'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (built.status !== 0) fail('the browser UI could not be built; see above');
}
const command =
  args[0] === '--npx' ? [join(ROOT, 'node_modules', '.bin', args[1]), args.slice(2)] : [pinnedNode(), args];
const bin = [dirname(pinnedNode()), join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(
  process.platform === 'win32' ? ';' : ':',
);
const child = spawn(command[0], command[1], {
  stdio: 'inherit',
  // npm start runs in the checkout; the CLI must stay where the person is.
  cwd: process.env.LONGSHORE_CWD ?? ROOT,
  env: { ...process.env, PATH: bin, LONGSHORE_ROOT: ROOT },
});
// Ctrl-C reaches the whole process group; the child decides when it has cleaned up, and we follow it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => signal === 'SIGINT' || child.kill(signal));
child.on('error', (error) => fail(`cannot start ${command[0]}: ${error.message}`));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
