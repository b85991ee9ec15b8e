/** Most specific first: each browser also names those that it is like. */
const BROWSERS = [
  ['Edg', 'Edge'],
  ['OPR', 'Opera'],
  ['Firefox', 'Firefox'],
  ['Chrome', 'Chrome'],
  ['Version', 'Safari'],
] as const;
const SYSTEMS = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
] as const;
const MAX_LENGTH = 60;

/** A user agent in words, such as `Firefox 140, Linux`; what is not known is shown as it is, cut off. */
export function browserText(userAgent: string): string {
  const browser = BROWSERS.map(([mark, name]) => {
    const version = new RegExp(`${mark}/(\\d+)`).exec(userAgent)?.[1];
    return version === undefined ? null : `${name} ${version}`;
  }).find((found) => found !== null);
  const system = SYSTEMS.find(([mark]) => userAgent.includes(mark))?.[1];
  const parts = [browser, system].filter((part) => part !== undefined);
  if (browser !== undefined) return parts.join(', ');
  return userAgent.length > MAX_LENGTH ? `${userAgent.slice(0, MAX_LENGTH)}…` : userAgent || '?';
}
