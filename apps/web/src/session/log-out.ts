import { LongshoreError } from '@longshore/contract';
import { toastFailure } from '../parts/toasts.ts';
import { t } from '../texts/texts.ts';
import { client } from './client.ts';
import { leave, readLogin } from './login-store.ts';

/** Ends the session of this browser on the server too; a token stays in force and is only forgotten here. */
export async function logOut(): Promise<void> {
  if (readLogin().token !== null) return leave();
  try {
    await client.call('logout', { body: {} });
  } catch (error) {
    if (!(error instanceof LongshoreError)) throw error;
    // Whose session has ended already is out; anyone else must not believe to be.
    if (error.code !== 'unauthenticated') return toastFailure(t.shell.logout, error);
  }
  leave();
}
