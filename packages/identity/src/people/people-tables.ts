import type { Generated } from '@longshore/store';

/** Whether a person may do anything: `pending` waits for an administrator, `blocked` was shut out by one. */
export type PersonStatus = 'pending' | 'active' | 'blocked';

/** One person's account. */
export interface PeopleTable {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly email: string | null;
  readonly status: PersonStatus;
  readonly created_at: Generated<Date>;
  readonly created_by: string;
  readonly approved_by: string | null;
  readonly last_login_at: Date | null;
  readonly password_phc: string | null;
  readonly totp_sealed: string | null;
  readonly totp_confirmed_at: Date | null;
  readonly totp_last_step: number | null;
}

/** One recovery code of the second factor. */
export interface RecoveryCodesTable {
  readonly person_id: string;
  readonly code_hash: Buffer;
  readonly used_at: Date | null;
}

/** One passkey. */
export interface PasskeysTable {
  readonly id: string;
  readonly person_id: string;
  readonly credential_id: string;
  readonly public_key: Buffer;
  readonly counter: number;
  readonly transports: string[];
  readonly name: string;
  readonly created_at: Generated<Date>;
  readonly last_used_at: Date | null;
}

/** One challenge of a passkey that waits for its answer. */
export interface PasskeyChallengesTable {
  readonly id: string;
  readonly person_id: string | null;
  readonly challenge: string;
  readonly expires_at: Date;
}

/** One session of a browser. */
export interface SessionsTable {
  readonly id: string;
  readonly person_id: string;
  readonly secret_hash: Buffer;
  readonly method: string;
  readonly provider_id: string | null;
  readonly created_at: Generated<Date>;
  readonly last_seen_at: Generated<Date>;
  readonly expires_at: Date;
  readonly address: string;
  readonly user_agent: string;
}

/** Failed logins on one account or from one address. */
export interface LoginFailuresTable {
  readonly subject: string;
  readonly failures: number;
  readonly blocked_until: Date;
  readonly forget_at: Date;
}

/** One identity provider. */
export interface IdentityProvidersTable {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly kind: 'oidc' | 'gitlab';
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret_sealed: string;
  readonly scopes: string[];
  readonly groups_claim: string;
  readonly enabled: boolean;
  readonly created_at: Generated<Date>;
  readonly last_failure: string | null;
  readonly last_failure_at: Date | null;
}

/** A person's account at a provider. */
export interface ProviderAccountsTable {
  readonly id: string;
  readonly provider_id: string;
  readonly subject: string;
  readonly person_id: string;
  readonly groups: string[];
  readonly refresh_token_sealed: string | null;
  readonly refresh_at: Date | null;
}

/** One login that is under way at a provider. */
export interface ProviderLoginsTable {
  readonly state_hash: Buffer;
  readonly browser_hash: Buffer;
  readonly provider_id: string;
  readonly nonce: string;
  readonly code_verifier_sealed: string;
  readonly redirect_uri: string;
  readonly return_to: string;
  /** Who links the account there to their own; null: somebody logs in. */
  readonly link_person_id: string | null;
  readonly expires_at: Date;
}

/** The login of one program without a browser. */
export interface DeviceLoginsTable {
  readonly secret_hash: Buffer;
  readonly user_code: string;
  readonly client_name: string;
  readonly address: string;
  readonly created_at: Generated<Date>;
  readonly expires_at: Date;
  readonly person_id: string | null;
}

declare module '@longshore/store' {
  interface Database {
    people: PeopleTable;
    recovery_codes: RecoveryCodesTable;
    passkeys: PasskeysTable;
    passkey_challenges: PasskeyChallengesTable;
    sessions: SessionsTable;
    login_failures: LoginFailuresTable;
    identity_providers: IdentityProvidersTable;
    provider_accounts: ProviderAccountsTable;
    provider_logins: ProviderLoginsTable;
    device_logins: DeviceLoginsTable;
  }
}
