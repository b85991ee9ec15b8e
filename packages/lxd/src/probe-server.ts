import { createHash, X509Certificate } from 'node:crypto';
import type { CallOptions } from './call-options.ts';
import { startDeadline } from './deadline.ts';
import { dialTls } from './dial.ts';
import { LxdError } from './lxd-error.ts';

/** What a server shows of itself before anything is sent to it. */
export type ProbedServer = {
  /** SHA-256 of the certificate in lower-case hex: what a person compares and what gets pinned. */
  readonly fingerprint: string;
  readonly certificatePem: string;
};

/**
 * Looks at the certificate of the server at `url`: opens a TLS handshake and breaks it off once the certificate is
 * there. No certificate of ours and no request is sent. Default deadline 10 s.
 * Throws LxdError `unreachable` (also when it is not TLS), `timeout`, `aborted`, `bad-request` for what is no https URL.
 */
export async function probeServer(url: string, options: CallOptions = {}): Promise<ProbedServer> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'https:') {
    throw new LxdError({
      code: 'bad-request',
      message: `${url} is not an https address`,
      target: url,
      hint: 'Write it as https://HOST:8443.',
    });
  }
  const deadline = startDeadline({ signal: options.signal, timeoutMs: options.timeoutMs ?? 10_000 }, url);
  let seen: Buffer | undefined;
  // Breaks the handshake off on purpose: the certificate is all we came for.
  const enough = new LxdError({ code: 'aborted', message: 'certificate seen', target: url });
  try {
    const judge = (der: Buffer): Error => {
      seen = Buffer.from(der);
      return enough;
    };
    const socket = await dialTls({ url: parsed, judge }, deadline.signal, url);
    socket.destroy();
  } catch (error) {
    if (error !== enough) throw error;
  } finally {
    deadline.end();
  }
  if (!seen)
    throw new LxdError({ code: 'unreachable', message: 'the server showed no certificate', target: url });
  return {
    fingerprint: createHash('sha256').update(seen).digest('hex'),
    certificatePem: new X509Certificate(seen).toString(),
  };
}
