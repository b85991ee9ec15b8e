const HOME = '/ui/';

/**
 * Where to go after a login: a page of this interface and nothing else, whatever the address says (`next` of `/ui/login` is
 * written by whoever made the link).
 */
export function nextAddress(raw: unknown, origin: string): string {
  if (typeof raw !== 'string' || !raw.startsWith(HOME) || raw.length > 1024) return HOME;
  // As a browser would read it: `/ui/../..//evil`, backslashes and line breaks become what they mean.
  if (!URL.canParse(raw, origin)) return HOME;
  const url = new URL(raw, origin);
  const isPage = url.origin === origin && url.pathname.startsWith(HOME);
  const isWayIn = /^\/ui\/(login|setup)\/?$/.test(url.pathname);
  return isPage && !isWayIn ? `${url.pathname}${url.search}${url.hash}` : HOME;
}
