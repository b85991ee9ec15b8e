import type { SealedColumn } from '@longshore/store';
import { totpContext } from './login/second-factor.ts';
import { refreshTokenContext } from './providers/keep-told.ts';
import { clientSecretContext } from './providers/provider-client.ts';

/** What of this room is sealed anew after a change of keys; logins under way at a provider are over before. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'people', column: 'totp_sealed', contextOf: totpContext },
  { table: 'identity_providers', column: 'client_secret_sealed', contextOf: clientSecretContext },
  { table: 'provider_accounts', column: 'refresh_token_sealed', contextOf: refreshTokenContext },
];
