/** A browser without pages: it keeps cookies for each host, and follows redirects as far as it is told. */
export type TestBrowser = Readonly<{
  /** One request with the cookies of its host; redirects are not followed. */
  request(url: string, init?: RequestInit): Promise<Response>;
  /** A change that a page of the server itself asks for: with the header and the origin that it would send. */
  change(method: string, url: string, body?: unknown): Promise<Response>;
  /** Follows redirects from an address until one leads to `stop`, and returns that one. */
  follow(url: string, stop: string): Promise<string>;
  /** A cookie's value at a host, such as `127.0.0.1:8420`. */
  cookie(host: string, name: string): string | undefined;
  setCookie(host: string, name: string, value: string): void;
}>;

const MAX_REDIRECTS = 10;

/** A browser with an empty jar. */
export function createTestBrowser(): TestBrowser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (host: string) => {
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };
  const request: TestBrowser['request'] = async (url, init = {}) => {
    const jar = jarOf(new URL(url).host);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';');
      const at = pair.indexOf('=');
      const name = pair.slice(0, at).trim();
      const value = pair.slice(at + 1);
      if (value === '' || attributes.some((each) => /^\s*max-age=0$/i.test(each))) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  return {
    request,
    change: (method, url, body) =>
      request(url, {
        method,
        headers: {
          'x-longshore-csrf': '1',
          origin: new URL(url).origin,
          'sec-fetch-site': 'same-origin',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async follow(url, stop) {
      let at = url;
      for (let n = 0; n < MAX_REDIRECTS; n += 1) {
        const response = await request(at);
        const text = await response.text();
        const location = response.headers.get('location');
        if (location === null) throw new Error(`${at} answered ${response.status} and no redirect: ${text}`);
        at = new URL(location, at).href;
        if (at.startsWith(stop)) return at;
      }
      throw new Error(`${url} redirects without end`);
    },
    cookie: (host, name) => jarOf(host).get(name),
    setCookie: (host, name, value) => jarOf(host).set(name, value),
  };
}
