import { createHash } from 'node:crypto';
import { connect as connectNet, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { type ClientCertificate, type Endpoint, endpointLabel, normalizeFingerprint } from './endpoint.ts';
import { fromNetworkError, LxdError } from './lxd-error.ts';

// One fleet uses one client certificate: sharing the parsed context saves about 60 kB for each host.
const contexts = new Map<string, SecureContext>();
const MAX_CONTEXTS = 16;

function contextOf(certificate: ClientCertificate | undefined): SecureContext {
  const id = createHash('sha256')
    .update(certificate ? `${certificate.cert}\n${certificate.key}` : '')
    .digest('hex');
  let context = contexts.get(id);
  if (!context) {
    context = createSecureContext({ minVersion: 'TLSv1.2', ...certificate });
    const oldest = contexts.keys().next();
    if (contexts.size >= MAX_CONTEXTS && !oldest.done) contexts.delete(oldest.value);
    contexts.set(id, context);
  }
  return context;
}

/** Certificate of the server at the other end as DER; undefined before the server has sent it. */
export function peerCertificate(socket: TLSSocket): Buffer | undefined {
  // An empty object stands for "none" at run time, whatever the declared type says.
  const raw: unknown = socket.getPeerCertificate().raw;
  return Buffer.isBuffer(raw) ? raw : undefined;
}

/** How a TLS connection is opened: the part that pinned calls and the probe share. */
export type TlsDialOptions = {
  readonly url: URL;
  readonly clientCertificate?: ClientCertificate | undefined;
  /** Judges the server's certificate (DER) in the middle of the handshake; an error ends the connection. */
  readonly judge: (der: Buffer) => Error | undefined;
};

/**
 * Opens a TLS connection that lets `judge` see the server's certificate BEFORE the client answers it: neither the
 * client's certificate nor any byte after the ClientHello goes to a server that fails.
 *
 * How: OpenSSL calls the OCSP status callback of a client (RFC 6066, section 8) after the server's Finished and before
 * the client's own flight, whether or not the server stapled anything. Node's `secureConnect` would be too late: by then
 * the client's certificate has gone out. It is judged a second time there, so that the pin never hangs on that event alone.
 */
export function dialTls(options: TlsDialOptions, signal: AbortSignal, target: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(fromNetworkError(signal.reason, target));
      return;
    }
    const host = options.url.hostname.replace(/^\[|\]$/g, '');
    const socket = connectTls({
      host,
      port: Number(options.url.port || 443),
      ...(isIP(host) ? {} : { servername: host }),
      secureContext: contextOf(options.clientCertificate),
      rejectUnauthorized: false, // self-signed by design; `judge` decides
      requestOCSP: true,
      ALPNProtocols: ['http/1.1'],
    });
    const onAbort = (): void => {
      socket.destroy(signal.reason instanceof Error ? signal.reason : undefined);
    };
    const finish = (error?: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', finish);
      socket.off('close', onClose);
      if (error === undefined) {
        resolve(socket);
        return;
      }
      socket.on('error', () => {
        // Already reported through the promise; without a listener Node would end the process.
      });
      socket.destroy();
      reject(fromNetworkError(error, target));
    };
    const onClose = (): void => {
      finish(new LxdError({ code: 'unreachable', message: 'the server closed the connection', target }));
    };
    const judgeNow = (): boolean => {
      const der = peerCertificate(socket);
      const error = der
        ? options.judge(der)
        : new LxdError({ code: 'unreachable', message: 'the server showed no certificate', target });
      if (error) finish(error);
      return error === undefined;
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', finish);
    socket.on('close', onClose);
    socket.once('OCSPResponse', judgeNow);
    socket.once('secureConnect', () => {
      if (!socket.destroyed && judgeNow()) finish();
    });
  });
}

function dialUnix(path: string, signal: AbortSignal, target: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(fromNetworkError(signal.reason, target));
      return;
    }
    const socket = connectNet({ path });
    const onAbort = (): void => {
      socket.destroy(signal.reason instanceof Error ? signal.reason : undefined);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const onError = (error: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      reject(fromNetworkError(error, target));
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}

/**
 * Connects to an endpoint; over HTTPS the returned socket is past the handshake and the pin holds.
 * Throws LxdError `unreachable`, `fingerprint-mismatch`, or the signal's reason.
 */
export async function dial(endpoint: Endpoint, signal: AbortSignal): Promise<Socket> {
  const target = endpointLabel(endpoint);
  if (endpoint.kind === 'unix') return await dialUnix(endpoint.path, signal, target);
  const pinned = normalizeFingerprint(endpoint.fingerprint);
  const judge = (der: Buffer): Error | undefined => {
    const shown = createHash('sha256').update(der).digest('hex');
    if (shown === pinned) return undefined;
    return new LxdError({
      code: 'fingerprint-mismatch',
      message: `the server shows certificate ${shown}, pinned is ${pinned}`,
      target,
    });
  };
  const options = { url: new URL(endpoint.url), clientCertificate: endpoint.clientCertificate, judge };
  const socket = await dialTls(options, signal, target);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 15_000);
  return socket;
}
