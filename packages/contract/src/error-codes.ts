/**
 * Every error that the API answers or that an operation ends with: stable code, HTTP status and a short title.
 * A code never changes its meaning; clients match on it, never on text.
 */
export const ERROR_CODES = {
  'bad-request': { status: 400, title: 'The request is not valid' },
  'bad-filter': { status: 400, title: 'The filter cannot be read' },
  'bad-cursor': { status: 400, title: 'The page cursor is not valid' },
  unauthenticated: { status: 401, title: 'A valid token is needed' },
  'permission-denied': { status: 403, title: 'The token does not permit this' },
  'second-factor-required': { status: 401, title: 'A code of the second factor is needed as well' },
  'approval-pending': { status: 403, title: 'The account waits for approval' },
  'cross-site-request': { status: 403, title: 'The request does not come from a page of this server' },
  'not-found': { status: 404, title: 'There is no such object' },
  'method-not-allowed': { status: 405, title: 'The method is not supported here' },
  conflict: { status: 409, title: 'The state of the object does not allow this' },
  'name-taken': { status: 409, title: 'The name is already in use' },
  'identity-taken': { status: 409, title: 'The account at the provider belongs to somebody else here' },
  'last-way-in': { status: 409, title: 'Without it nobody could log in to the account' },
  'key-refused': { status: 422, title: 'The SSH key cannot be taken' },
  'key-known': { status: 409, title: 'The SSH key is there already' },
  busy: { status: 409, title: 'Another operation on the object is not finished' },
  protected: { status: 409, title: 'The instance is protected against deletion' },
  'console-occupied': { status: 409, title: 'All consoles of this kind are in use' },
  'quota-exceeded': { status: 409, title: 'The quota of the project does not allow this' },
  'limit-required': { status: 422, title: 'The project needs a limit for each of its instances' },
  'lifetime-exceeded': { status: 422, title: 'The project does not let instances live so long' },
  'host-reach-denied': { status: 403, title: 'The configuration reaches out to the host' },
  'idempotency-mismatch': { status: 409, title: 'The idempotency key was used for another request' },
  'precondition-failed': { status: 412, title: 'The object was changed meanwhile' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported' },
  'precondition-required': { status: 428, title: 'The request needs an If-Match header' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'provider-failed': { status: 502, title: 'The identity provider failed' },
  internal: { status: 500, title: 'Longshore failed' },
  unavailable: { status: 503, title: 'Longshore cannot answer now' },
  // Causes of failed operations: what a host, or the way to it, would not do.
  'host-unreachable': { status: 502, title: 'The host does not answer' },
  'host-quarantined': { status: 409, title: 'The certificate of the host has changed' },
  'host-in-maintenance': { status: 409, title: 'The host is in maintenance' },
  'host-refused': { status: 502, title: 'The host refused the request' },
  'host-failed': { status: 502, title: 'The host failed' },
  'not-an-lxd-server': { status: 422, title: 'The server is neither LXD nor Incus' },
  'server-too-old': { status: 422, title: 'The server is too old' },
  'already-enrolled': { status: 409, title: 'The host is already part of the fleet' },
  'fingerprint-mismatch': { status: 409, title: 'The certificate is not the expected one' },
  'fingerprint-unconfirmed': { status: 409, title: 'The fingerprint of the host has to be confirmed' },
  'trust-token-refused': { status: 403, title: 'The host did not accept the trust token' },
  'trust-password-refused': { status: 403, title: 'The host did not accept the trust password' },
  'trust-missing': { status: 403, title: 'The host does not trust Longshore' },
  'no-suitable-host': { status: 409, title: 'No host fits' },
  'pre-flight-failed': { status: 409, title: 'The target host cannot take the instance' },
  'image-not-found': { status: 404, title: 'The image was not found' },
  cancelled: { status: 409, title: 'The operation was cancelled' },
  'partly-failed': { status: 502, title: 'Some items failed' },
} as const satisfies Record<string, { status: number; title: string }>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** All codes, for schemas. */
export const errorCodes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];
