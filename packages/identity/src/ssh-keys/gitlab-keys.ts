import { z } from 'zod';

/** A key as GitLab lists it (https://docs.gitlab.com/api/user_keys/), the parts that we use. */
export type GitlabKey = Readonly<{ title: string; key: string; expiresAt: Date | null }>;

/** What came of asking for the keys of a person. */
export type GitlabAnswer =
  | Readonly<{ kind: 'keys'; keys: readonly GitlabKey[] }>
  /** It will not let us read keys, however often we ask. */
  | Readonly<{ kind: 'refused'; reason: string }>
  | Readonly<{ kind: 'failing'; reason: string; retryAfterMs: number | null }>;

const Key = z.object({
  title: z.string().catch(''),
  key: z.string(),
  expires_at: z.coerce.date().nullish().catch(null),
  usage_type: z.string().optional(),
});

/** A page that takes longer is as good as none; nobody waits for it. */
const PAGE_TIMEOUT_MS = 15_000;
const PER_PAGE = 100;
/** Two thousand keys of one person: more is a mistake, or not GitLab. */
const MAX_PAGES = 20;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * The SSH keys that a person has at GitLab for logging in: all pages (https://docs.gitlab.com/api/rest/#pagination), those
 * for signing alone left out. All or nothing: half of a list would take keys away that are there.
 *
 * @param issuer GitLab's address, also below a path
 */
export async function gitlabKeys(
  issuer: string,
  accessToken: string,
  signal: AbortSignal,
): Promise<GitlabAnswer> {
  const first = new URL(`${issuer.replace(/\/+$/, '')}/api/v4/user/keys?per_page=${PER_PAGE}`);
  const keys: GitlabKey[] = [];
  let next: URL | null = first;
  try {
    for (let page = 0; next !== null; page += 1) {
      if (page === MAX_PAGES) return failing(`it lists more than ${MAX_PAGES * PER_PAGE} keys`);
      const response: Response = await fetch(next, {
        headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(PAGE_TIMEOUT_MS)]),
      });
      if (response.status === 403) {
        await response.body?.cancel();
        return {
          kind: 'refused',
          reason: 'it does not let Longshore read SSH keys; the application needs the scope read_user',
        };
      }
      if (!response.ok) {
        await response.body?.cancel();
        return failing(`it answered ${response.status}`, retryAfterMs(response.headers.get('retry-after')));
      }
      const rows = z.array(Key).parse(JSON.parse(await textOf(response)));
      keys.push(...rows.filter((row) => row.usage_type !== 'signing').map(keyOf));
      next = nextPage(response.headers, next, first);
    }
  } catch (error) {
    return failing(reasonOf(error));
  }
  return { kind: 'keys', keys };
}

function keyOf(row: z.infer<typeof Key>): GitlabKey {
  return { title: row.title, key: row.key, expiresAt: row.expires_at ?? null };
}

/** By `X-Next-Page`, else by `Link`; never to another place than the first page: the token goes along. */
function nextPage(headers: Headers, present: URL, first: URL): URL | null {
  const number = headers.get('x-next-page');
  if (number !== null && number !== '') {
    const next = new URL(present);
    next.searchParams.set('page', String(z.coerce.number().int().positive().parse(number)));
    return next;
  }
  const link = /<([^>]+)>\s*;[^,]*\brel="?next"?/.exec(headers.get('link') ?? '')?.[1];
  if (link === undefined) return null;
  const next = new URL(link, present);
  if (next.origin !== first.origin || next.pathname !== first.pathname)
    throw new Error('its next page is elsewhere');
  return next;
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > MAX_PAGE_BYTES) throw new Error('its answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function retryAfterMs(text: string | null): number | null {
  if (text === null) return null;
  const ms = /^\d{1,6}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS) : null;
}

function failing(reason: string, retryAfter: number | null = null): GitlabAnswer {
  return { kind: 'failing', reason, retryAfterMs: retryAfter };
}

/** Never the text of an answer. */
function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) return 'its answer is not a list of keys';
  if (!(error instanceof Error)) return 'something was thrown that is no error';
  if (error.name === 'TimeoutError') return `it did not answer within ${PAGE_TIMEOUT_MS / 1000} seconds`;
  const { cause } = error;
  return (cause instanceof Error ? `${error.message}, ${cause.message}` : error.message)
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 200);
}
