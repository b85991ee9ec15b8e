import { LongshoreError } from '@longshore/contract';
import { isLxdError, probeServer } from '@longshore/lxd';

/** A server that shows the expected certificate, and the address at which it does. */
export type FoundServer = { readonly url: string; readonly fingerprint: string };

/** Addresses of a token that lead nowhere (other networks of the host) must not take the person's time. */
const PROBE_TIMEOUT_MS = 8_000;
const MAX_ADDRESSES = 32;

/**
 * Looks which of the addresses leads to the server with this certificate; all at once, the first to show it wins.
 * Nothing is sent to any of them.
 * @throws LongshoreError `fingerprint-mismatch` when servers answer and none has it, `host-unreachable` when none
 * answers at all, `not-an-lxd-server` when one answers that speaks no TLS
 */
export async function findServer(
  urls: readonly string[],
  fingerprint: string,
  signal: AbortSignal,
): Promise<FoundServer> {
  const others: FoundServer[] = [];
  const failures: string[] = [];
  const attempts = urls.slice(0, MAX_ADDRESSES).map(async (url): Promise<FoundServer> => {
    const seen = await look(url, signal).catch((error: unknown) => {
      failures.push(error instanceof Error ? error.message : String(error));
      throw error;
    });
    if (seen.fingerprint === fingerprint) return seen;
    others.push(seen);
    throw new LongshoreError('fingerprint-mismatch', mismatchText(seen, fingerprint));
  });
  try {
    return await Promise.any(attempts);
  } catch (error) {
    signal.throwIfAborted();
    const [other] = others;
    if (other !== undefined) {
      throw new LongshoreError('fingerprint-mismatch', mismatchText(other, fingerprint), {
        hint: 'Compare with the fingerprint on the host itself (lxc info, incus info). If they differ, something sits in between.',
        cause: error,
      });
    }
    throw new LongshoreError(
      'host-unreachable',
      `None of ${urls.join(', ')} answers: ${[...new Set(failures)].join('; ')}.`,
      {
        hint: 'Check core.https_address on the host and what lies in between, or name an address that can be reached from here.',
        cause: error,
      },
    );
  }
}

/** The certificate at an address. @throws LongshoreError `host-unreachable` */
export async function look(url: string, signal: AbortSignal): Promise<FoundServer> {
  try {
    const { fingerprint } = await probeServer(url, { timeoutMs: PROBE_TIMEOUT_MS, signal });
    return { url, fingerprint };
  } catch (error) {
    if (!isLxdError(error)) throw error;
    const code = isLxdError(error, 'not-lxd', 'bad-reply') ? 'not-an-lxd-server' : 'host-unreachable';
    throw new LongshoreError(code, `${url}: ${error.message}.`, { hint: error.hint, cause: error });
  }
}

function mismatchText(seen: FoundServer, expected: string): string {
  return `The server at ${seen.url} shows the certificate ${seen.fingerprint}, not the expected ${expected}.`;
}

/** `https://HOST:PORT` without path or trailing slash, port 8443 where none is named; as hosts are kept and compared. */
export function normalUrl(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (url === null || url.protocol !== 'https:' || url.hostname === '') {
    throw new LongshoreError('bad-request', `"${text}" is not an https address.`, {
      hint: 'Write it as https://HOST:8443.',
      fields: [{ path: 'url', message: 'write it as https://HOST:8443' }],
    });
  }
  // URL drops a port that is the scheme's own; who writes :443 means it.
  const port = url.port !== '' ? url.port : /:443(?:\/|$)/.test(text) ? '443' : '8443';
  return `https://${url.hostname}:${port}`;
}
