import { LongshoreError, PasskeyLogin, PasskeyRegistration } from '@longshore/contract';
import { t } from '../texts/texts.ts';
import { client, openClient } from './client.ts';

/** Why this browser cannot use passkeys here; null where it can. They need a secure address, or this machine itself. */
export function whyNoPasskeys(): string | null {
  return window.isSecureContext && typeof window.PublicKeyCredential === 'function'
    ? null
    : t.login.noPasskeys;
}

/**
 * Logs in by a passkey of this device or one beside it.
 * @throws LongshoreError also `cancelled` where the person or the device did not go on
 */
export async function logInByPasskey(): Promise<void> {
  const { value: begun } = await openClient.call('beginPasskeyLogin', { body: {} });
  if (!isRequest(begun.options)) throw strange();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(begun.options);
  const response = await asked(() => navigator.credentials.get({ publicKey }));
  const body = PasskeyLogin.parse({ challengeId: begun.challengeId, response });
  await openClient.call('loginByPasskey', { body });
}

/**
 * Makes a passkey and registers it.
 * @throws LongshoreError also `cancelled`
 */
export async function registerPasskey(name: string): Promise<void> {
  const { value: begun } = await client.call('beginPasskey', { body: {} });
  if (!isCreation(begun.options)) throw strange();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.options);
  const response = await asked(() => navigator.credentials.create({ publicKey }));
  const body = PasskeyRegistration.parse({ challengeId: begun.challengeId, name, response });
  await client.call('registerPasskey', { body });
}

async function asked(ask: () => Promise<Credential | null>): Promise<unknown> {
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential) return credential.toJSON();
  } catch (error) {
    // A person's "no", a time-out and a passkey that exists already are all one thing to us: nothing was made.
    if (!(error instanceof DOMException)) throw error;
    throw new LongshoreError('cancelled', t.login.passkeyCancelled, { hint: error.message, cause: error });
  }
  throw new LongshoreError('cancelled', t.login.passkeyCancelled);
}

/** What the browser's own function cannot do without (WebAuthn Level 3, 5.1.8 and 5.1.9); it checks the rest itself. */
type Options = Record<string, unknown>;

function isRequest(options: Options): options is Options & PublicKeyCredentialRequestOptionsJSON {
  return typeof options.challenge === 'string';
}

function isCreation(options: Options): options is Options & PublicKeyCredentialCreationOptionsJSON {
  const { challenge, rp, user, pubKeyCredParams } = options;
  return (
    typeof challenge === 'string' &&
    typeof rp === 'object' &&
    typeof user === 'object' &&
    Array.isArray(pubKeyCredParams)
  );
}

function strange(): LongshoreError {
  return new LongshoreError('unavailable', t.login.strangePasskey);
}
