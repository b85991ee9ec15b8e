import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LongshoreProcess, startLongshore } from '@longshore/testbed';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { openBrowser } from './open-browser.ts';

const password = 'correct horse battery';
const Outcome = z.object({
  registered: z.number(),
  loggedOut: z.number(),
  loggedIn: z.number(),
  name: z.string(),
});

/** Runs in the page: registers a passkey, logs out, and logs in by it. */
const REGISTER_AND_LOG_IN = `(async () => {
  const ask = async (path, body) => {
    const reply = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-longshore-csrf': '1' },
      body: JSON.stringify(body),
    });
    return { status: reply.status, value: JSON.parse((await reply.text()) || 'null') };
  };
  const begun = (await ask('/v1/me/passkey-challenges', {})).value;
  const creation = PublicKeyCredential.parseCreationOptionsFromJSON(begun.options);
  const made = (await navigator.credentials.create({ publicKey: creation })).toJSON();
  const registered = await ask('/v1/me/passkeys', { challengeId: begun.challengeId, name: 'Key', response: made });
  const loggedOut = await ask('/v1/logout', {});
  const asked = (await ask('/v1/login/passkey-challenges', {})).value;
  const request = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options);
  const answer = (await navigator.credentials.get({ publicKey: request })).toJSON();
  const loggedIn = await ask('/v1/login/passkey', { challengeId: asked.challengeId, response: answer });
  return {
    registered: registered.status,
    loggedOut: loggedOut.status,
    loggedIn: loggedIn.status,
    name: loggedIn.value.name ?? loggedIn.value.detail,
  };
})()`;

describe('a person with a real browser', { timeout: 180_000 }, () => {
  let longshore: LongshoreProcess;
  let browser: Browser;

  before(async () => {
    longshore = await startLongshore();
    browser = await openBrowser();
  });

  after(async () => {
    await browser?.close();
    await longshore?.stop();
  });

  it('makes the first account, registers a passkey and logs in by it, and lets a program in', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(error.message));
    // WebAuthn knows no addresses but names.
    const named = (url: string) => url.replace('127.0.0.1', 'localhost');
    const setupUrl = /"setupUrl":"([^"]+)"/.exec(longshore.output())?.[1] ?? '';
    // The server's own page, whether the UI is built or not.
    await page.goto(named(`${longshore.url}/setup${new URL(setupUrl).hash}`));
    await page.getByLabel('Name to log in with').fill('ada');
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.waitForURL('**/ui/');

    const devTools = await context.newCDPSession(page);
    await devTools.send('WebAuthn.enable');
    await devTools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(`${named(longshore.url)}/device`);
    const outcome = Outcome.parse(await page.evaluate(REGISTER_AND_LOG_IN));
    assert.deepEqual(outcome, { registered: 201, loggedOut: 204, loggedIn: 200, name: 'ada' });

    const begun = await fetch(`${longshore.url}/v1/device-logins`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ clientName: '<b>laptop</b>' }),
    });
    const { userCode } = z.object({ userCode: z.string() }).parse(await begun.json());
    await context.clearCookies();
    await page.goto('about:blank');
    await page.goto(`${named(longshore.url)}/device#${userCode}`);
    await page.getByLabel('Name').fill('ada');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('button', { name: 'Look it up' }).click();
    await page.getByText('"<b>laptop</b>" asks from 127.0.0.1').waitFor();
    await page.getByRole('button', { name: 'Let it in as me' }).click();
    await page.getByText('Done. The program is logged in').waitFor();
    assert.deepEqual(broken, []);
  });
});
