import { openBrowser } from '@longshore/testbed';

/** A browser with a page that is logged in by a token. */
export type LoggedInPage = Awaited<ReturnType<typeof openLoggedInPage>>;

/** Opens Chromium with an empty cache; `before` runs in each page before its own code. Closed by its owner. */
export async function openLoggedInPage(
  longshore: Readonly<{ url: string; token: string }>,
  before: readonly string[] = [],
) {
  const browser = await openBrowser();
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    baseURL: longshore.url,
    locale: 'en-GB',
  });
  await context.addInitScript(
    `sessionStorage.setItem('longshore.token', ${JSON.stringify(longshore.token)});`,
  );
  for (const script of before) await context.addInitScript(script);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  return { browser, context, page };
}
