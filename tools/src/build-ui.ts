/** `npm run build`: builds the browser UI into apps/web/dist. `--if-needed` leaves it when no source is newer. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const WEB = join(ROOT, 'apps/web');
const BUILT = join(WEB, 'dist/index.html');
/** The UI is made of its own files, the contract's, and the packages that the lock file names. */
const SOURCES = [
  'apps/web/{src,public}/**/*',
  'apps/web/*',
  'packages/contract/src/**/*.ts',
  'package-lock.json',
];

function isFresh(): boolean {
  if (!existsSync(BUILT)) return false;
  const builtMs = statSync(BUILT).mtimeMs;
  return SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).every((file) => {
    const stat = statSync(join(ROOT, file));
    return !stat.isFile() || stat.mtimeMs <= builtMs;
  });
}

if (!process.argv.includes('--if-needed') || !isFresh()) {
  process.stderr.write('longshore: building the browser UI …\n');
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const done = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: WEB,
    stdio: ['ignore', 2, 2],
  });
  process.exitCode = done.status ?? 1;
}
