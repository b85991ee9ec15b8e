/**
 * `npm run screenshots [NAME…]`: every page of the browser UI, light, dark and on a phone, to docs/screenshots. The fleet is
 * simulated, so that it looks the same each time and needs no root. Names choose some of the pages.
 */
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLongshore, startSimulatedHosts } from '@longshore/testbed';
import type { Browser, Page } from 'playwright-core';
import { buildWebUi } from './build-web-ui.ts';
import { openBrowser } from './open-browser.ts';
import { ADA, furnishFleet } from './screenshots/furnish-fleet.ts';
import { LOOKS, type Look } from './screenshots/looks.ts';
import { type Shot, shots } from './screenshots/shots.ts';

const FOLDER =
  process.env.LONGSHORE_SCREENSHOTS ?? fileURLToPath(new URL('../docs/screenshots', import.meta.url));
const MOST_BYTES = 150_000;
const LIMIT_MS = 60_000;

const wanted = process.argv.slice(2);
const language = process.env.LONGSHORE_LANGUAGE ?? 'en-GB';

await buildWebUi();
await mkdir(FOLDER, { recursive: true });
const simulated = await startSimulatedHosts({ count: 6, instancesPerHost: 14 });
const longshore = await startLongshore();
const browser = await openBrowser();
try {
  const fleet = await furnishFleet(longshore, simulated);
  const chosen = shots(fleet).filter(
    ({ name }) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)),
  );
  for (const look of LOOKS) await takeAll(browser, look, chosen);
} finally {
  await browser.close();
  await longshore.stop();
  await simulated.close();
}

async function takeAll(from: Browser, look: Look, chosen: readonly Shot[]): Promise<void> {
  const opened = new Map<Shot['as'], Page>();
  try {
    for (const shot of chosen) {
      const page = opened.get(shot.as) ?? (await openAs(from, look, shot.as));
      opened.set(shot.as, page);
      try {
        await take(page, look, shot);
      } catch (error) {
        await page.screenshot({ path: join(FOLDER, `failed-${shot.name}-${look.name}.png`) });
        throw new Error(`the screenshot ${shot.name} (${look.name}) could not be taken`, { cause: error });
      }
    }
  } finally {
    for (const page of opened.values()) await page.context().close();
  }
}

/** A browser of its own for whoever looks. */
async function openAs(from: Browser, look: Look, as: Shot['as']): Promise<Page> {
  const context = await from.newContext({
    viewport: look.viewport,
    colorScheme: look.colorScheme,
    locale: language,
    reducedMotion: 'reduce',
    baseURL: longshore.url,
  });
  if (as === undefined) {
    await context.addInitScript(
      `if (sessionStorage.getItem('longshore.token') === null && location.hash !== '#out') sessionStorage.setItem('longshore.token', ${JSON.stringify(longshore.token)})`,
    );
  }
  if (as === 'person') {
    const { name, password } = ADA;
    const reply = await context.request.post('/v1/login', {
      data: { name, password },
      headers: { 'x-longshore-csrf': '1' },
    });
    if (!reply.ok()) throw new Error(`${name} could not log in: ${await reply.text()}`);
  }
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  return page;
}

async function take(page: Page, look: Look, { name, path, prepare }: Shot): Promise<void> {
  await page.goto(`/ui${path}`);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.locator('.mantine-Loader-root').first().waitFor({ state: 'detached' });
  await prepare?.(page);
  const file = join(FOLDER, `${name}-${look.name}.png`);
  const fresh = `${file}.new.png`;
  await page.screenshot({ path: fresh });
  const { size } = await stat(fresh);
  if (size > MOST_BYTES) {
    await rm(fresh);
    throw new Error(`${file} would have ${size} bytes; at most ${MOST_BYTES} are kept in the repository`);
  }
  await rename(fresh, file);
  process.stdout.write(`${file}\n`);
}
