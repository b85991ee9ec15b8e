import type {
  DeviceLogin,
  DeviceLoginBegun,
  DeviceLoginResult,
  LinkedIdentity,
  Passkey,
  PasskeyChallenge,
  PasskeyLogin,
  PasskeyRegistration,
  PasswordLogin,
  SecondFactor,
  SecondFactorSetup,
  Session,
} from '@longshore/contract';
import type { Sealer, Store } from '@longshore/store';
import { listIdentities, unlinkIdentity } from '../providers/linked-identities.ts';
import type { ProviderClient } from '../providers/provider-client.ts';
import {
  beginProviderLogin,
  finishProviderLogin,
  type ProviderLogin,
  type ProviderLoginStart,
} from '../providers/provider-login.ts';
import { createFirstAdministrator, type FirstAdministrator } from '../setup.ts';
import { approveDeviceLogin, beginDeviceLogin, pollDeviceLogin, readDeviceLogin } from './device-logins.ts';
import { loginWays } from './login-ways.ts';
import {
  beginPasskey,
  beginPasskeyLogin,
  deletePasskey,
  listPasskeys,
  loginByPasskey,
  registerPasskey,
} from './passkeys.ts';
import { loginByPassword, provePassword, setPassword } from './password-login.ts';
import {
  beginSecondFactor,
  confirmSecondFactor,
  readSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
} from './second-factor.ts';
import { listSessions, type NewSession, type Origin, revokeSession } from './sessions.ts';

type PersonKey = Readonly<{ id: string; name: string }>;

/**
 * How people prove who they are, and what they keep for it. `origin` is where a login comes from, `former` the secret
 * of the session that the browser had before, `at` the origin under which people reach this server.
 */
export type Logins = Readonly<{
  /** Which ways in there are beside the providers. */
  ways(): Promise<Readonly<{ password: boolean; passkey: boolean; setUp: boolean }>>;
  byPassword(login: PasswordLogin, origin: Origin, former: string | null): Promise<NewSession>;
  beginPasskeyLogin(at: string, address: string): Promise<PasskeyChallenge>;
  byPasskey(login: PasskeyLogin, at: string, origin: Origin, former: string | null): Promise<NewSession>;
  beginAtProvider(asked: ProviderLoginStart): Promise<Readonly<{ url: string; browserSecret: string }>>;
  finishAtProvider(
    returned: Readonly<{ query: string; browserSecret: string | null }>,
    origin: Origin,
    former: string | null,
  ): Promise<ProviderLogin>;
  firstAdministrator(setup: FirstAdministrator, origin: Origin, former: string | null): Promise<NewSession>;
  sessions(personId: string): Promise<readonly Omit<Session, 'current'>[]>;
  revokeSession(personId: string, id: string): Promise<void>;
  provePassword(personId: string, password: string): Promise<void>;
  setPassword(personId: string, password: string, keptSessionId: string | null): Promise<void>;
  beginSecondFactor(person: PersonKey): Promise<SecondFactorSetup>;
  confirmSecondFactor(personId: string, code: string): Promise<readonly string[]>;
  removeSecondFactor(personId: string): Promise<void>;
  passkeys(personId: string): Promise<readonly Passkey[]>;
  beginPasskey(person: PersonKey, at: string): Promise<PasskeyChallenge>;
  registerPasskey(personId: string, registration: PasskeyRegistration, at: string): Promise<Passkey>;
  deletePasskey(personId: string, id: string): Promise<void>;
  secondFactor(personId: string): Promise<SecondFactor>;
  renewRecoveryCodes(personId: string): Promise<readonly string[]>;
  identities(personId: string): Promise<LinkedIdentity[]>;
  unlinkIdentity(personId: string, id: string, keptSessionId: string): Promise<void>;
  beginDevice(clientName: string, address: string): Promise<DeviceLoginBegun>;
  readDevice(userCode: string): Promise<DeviceLogin>;
  approveDevice(userCode: string, personId: string): Promise<void>;
  pollDevice(deviceSecret: string): Promise<DeviceLoginResult>;
}>;

/** Logins on a store. */
export function createLogins(store: Store, sealer: Sealer, client: ProviderClient): Logins {
  return {
    ways: () => loginWays(store),
    byPassword: (login, origin, former) => loginByPassword(store, sealer, login, origin, former),
    beginPasskeyLogin: (at, address) => beginPasskeyLogin(store, at, address),
    byPasskey: (login, at, origin, former) => loginByPasskey(store, login, at, origin, former),
    beginAtProvider: (asked) => beginProviderLogin(store, sealer, client, asked),
    finishAtProvider: (returned, origin, former) =>
      finishProviderLogin(store, sealer, client, returned, origin, former),
    firstAdministrator: (setup, origin, former) => createFirstAdministrator(store, setup, origin, former),
    sessions: (personId) => listSessions(store, personId),
    revokeSession: (personId, id) => revokeSession(store, personId, id),
    provePassword: (personId, password) => provePassword(store, personId, password),
    setPassword: (personId, password, kept) => setPassword(store, personId, password, kept),
    beginSecondFactor: (person) => beginSecondFactor(store, sealer, person),
    confirmSecondFactor: (personId, code) => confirmSecondFactor(store, sealer, personId, code),
    removeSecondFactor: (personId) => removeSecondFactor(store, personId),
    passkeys: (personId) => listPasskeys(store, personId),
    beginPasskey: (person, at) => beginPasskey(store, person, at),
    registerPasskey: (personId, registration, at) => registerPasskey(store, personId, registration, at),
    deletePasskey: (personId, id) => deletePasskey(store, personId, id),
    secondFactor: (personId) => readSecondFactor(store, personId),
    renewRecoveryCodes: (personId) => renewRecoveryCodes(store, personId),
    identities: (personId) => listIdentities(store, personId),
    unlinkIdentity: (personId, id, kept) => unlinkIdentity(store, personId, id, kept),
    beginDevice: (clientName, address) => beginDeviceLogin(store, clientName, address),
    readDevice: (userCode) => readDeviceLogin(store, userCode),
    approveDevice: (userCode, personId) => approveDeviceLogin(store, userCode, personId),
    pollDevice: (deviceSecret) => pollDeviceLogin(store, deviceSecret),
  };
}
