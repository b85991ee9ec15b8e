import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

const CHROMIUM = process.env.LONGSHORE_CHROMIUM ?? '/usr/bin/chromium';

/** As root in a machine without a screen, and without a word to anyone else. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `args`: further flags of Chromium. */
export type BrowserOptions = Readonly<{ args?: readonly string[] }>;

/**
 * Starts Debian's Chromium without a window; installs it first where it is missing.
 * @throws Error when it can neither be found nor installed
 */
export async function openBrowser(options: BrowserOptions = {}): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    const install = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
      encoding: 'utf8',
    });
    if (install.status !== 0) {
      throw new Error(
        `There is no browser at ${CHROMIUM} and "apt-get install chromium" failed: ${install.stderr}`,
      );
    }
  }
  // Loaded when it is needed: most that use the testbed never open a browser.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...(options.args ?? [])] });
}
