import * as oidc from 'openid-client';

/** A provider that takes longer is as good as down; whoever waits can log in another way. */
export const TIMEOUT_SECONDS = 5;
const MAX_REASON_LENGTH = 300;

/** What is told of an error: never the body of an answer, which may hold tokens. */
export function reasonOf(error: unknown): string {
  if (error instanceof oidc.ResponseBodyError || error instanceof oidc.AuthorizationResponseError) {
    return plainText(
      `it answered ${error.error}${error.error_description === undefined ? '' : `, ${error.error_description}`}`,
    );
  }
  if (!(error instanceof Error)) return 'something was thrown that is no error';
  if (error.name === 'TimeoutError') return `it did not answer within ${TIMEOUT_SECONDS} seconds`;
  const { cause } = error;
  if (cause instanceof Error)
    return cause.name === 'TimeoutError' ? reasonOf(cause) : plainText(`${error.message}, ${cause.message}`);
  return plainText(error.message);
}

function plainText(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replace(/\.$/, '')
    .slice(0, MAX_REASON_LENGTH);
}
