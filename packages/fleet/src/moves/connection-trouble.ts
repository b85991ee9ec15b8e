import { isLxdError } from '@longshore/lxd';

/**
 * What hosts say when they could not reach each other, as Go's net, tls and websocket packages word it. They have no
 * code for it: the text is all there is. Anything else (no space, a refused configuration) fails on every route alike.
 */
const TROUBLE =
  /\bdial\b|connect(?:ion)? (?:refused|reset|timed out)|failed connecting|unable to connect|failed to connect|timed? ?out|timeout|deadline exceeded|no route to host|network is unreachable|no such host|bad handshake|websocket|x509|tls:|broken pipe|\bEOF\b|i\/o/i;

/** Whether a host's operation failed because hosts could not talk to each other. */
export function isConnectionTrouble(error: unknown): boolean {
  return isLxdError(error, 'operation-failed', 'server-error', 'bad-request') && TROUBLE.test(error.message);
}
