import type { Me } from '@longshore/contract';
import { t } from '../texts/texts.ts';

/** Why the own account cannot be changed; null when it can. A token that leaked would otherwise take the account. */
export function whyNotAccount(me: Pick<Me, 'sessionId'>): string | null {
  return me.sessionId === null ? t.profile.needsSession : null;
}
