import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { LongshoreError } from '@longshore/contract';
import { createSealer, type Store, sql } from '@longshore/store';
import { testDatabase, waitUntil } from '@longshore/store/testing';
import { generateSync } from 'otplib';
import { createIdentity, type Identity, identityMigrations } from '../index.ts';
import { createSoftwarePasskey } from '../testing/software-passkey.ts';
import { removeExpired } from '../upkeep.ts';

const migrations = [await identityMigrations()];
const sealer = createSealer({ keys: [{ id: 'test', key: randomBytes(32) }], active: 'test' });
const from = { address: '192.0.2.1', userAgent: 'test' };
const password = 'correct horse battery';
const at = 'https://longshore.example.org';
const withCode = (code: string) => (error: unknown) => error instanceof LongshoreError && error.code === code;

type Opened = Readonly<{ store: Store; identity: Identity; other: Identity; anna: string }>;

/** Two processes on one database, and one person. */
async function open(t: TestContext): Promise<Opened> {
  const { store } = await testDatabase(t, { migrations });
  const identity = createIdentity(store, { sealer });
  const other = createIdentity(store, { sealer });
  const { id } = await identity.people.create({ name: 'anna', displayName: 'Anna', password }, 'test');
  return { store, identity, other, anna: id };
}

function login(identity: Identity, name: string, secret: string, code?: string, address = from.address) {
  const body = { name, password: secret, ...(code === undefined ? {} : { code }) };
  return identity.logins.byPassword(body, { ...from, address }, null);
}

describe('a login by password', { timeout: 60_000 }, () => {
  it('opens a session; a wrong password and an unknown name are told the same', async (t) => {
    const { store, identity, anna } = await open(t);
    const session = await login(identity, ' Anna ', password);
    assert.equal(session.personId, anna);
    const principal = await identity.authenticateSession(session.secret);
    assert.deepEqual(
      [principal?.kind, principal?.name, principal?.sessionId],
      ['person', 'anna', session.id],
    );

    const messageOf = (error: unknown) =>
      error instanceof LongshoreError ? `${error.code} ${error.message}` : '';
    const wrong = await login(identity, 'anna', 'not the password').catch(messageOf);
    const unknown = await login(identity, 'nobody', password).catch(messageOf);
    assert.equal(wrong, unknown);
    assert.match(String(wrong), /^unauthenticated /);

    const kept = JSON.stringify(
      (await sql`SELECT to_jsonb(p) AS p, to_jsonb(s) AS s FROM people p, sessions s`.execute(store.db)).rows,
    );
    assert.ok(kept.includes('$argon2id$v=19$m=19456,t=2,p=1$'));
    assert.ok(!kept.includes(password) && !kept.includes(session.secret));
  });

  it('is throttled by account for all processes, however many guess at once', async (t) => {
    const { store, identity, other } = await open(t);
    const guesses = await Promise.allSettled(
      Array.from({ length: 24 }, (_, n) =>
        login(n % 2 === 0 ? identity : other, 'anna', `guess number ${n}`, undefined, `192.0.2.${n}`),
      ),
    );
    const codes = guesses.map(
      (each) => each.status === 'rejected' && each.reason instanceof LongshoreError && each.reason.code,
    );
    assert.equal(codes.filter((code) => code === 'unauthenticated').length, 5);
    assert.equal(codes.filter((code) => code === 'too-many-requests').length, 19);
    // The right password waits as well, from anywhere, and so does a name that does not exist.
    await assert.rejects(login(other, 'anna', password), withCode('too-many-requests'));
    await sql`UPDATE login_failures SET blocked_until = now()`.execute(store.db);
    await login(other, 'anna', password);
    await assert.rejects(login(identity, 'anna', 'wrong again'), withCode('unauthenticated'));
  });

  it('is throttled by address, of IPv6 by network', async (t) => {
    const { identity } = await open(t);
    const code = async (n: number) => {
      try {
        await identity.logins.byPasskey(
          {
            challengeId: '7f6d1f4e-7c1f-4a43-9d3c-0d2f3f1c1a10',
            response: createSoftwarePasskey('x').get('x', at),
          },
          at,
          { ...from, address: `2001:db8:0:7::${n.toString(16)}` },
          null,
        );
      } catch (error) {
        return error instanceof LongshoreError ? error.code : 'unknown';
      }
      return 'none';
    };
    const codes: string[] = [];
    for (let n = 0; n < 32; n += 1) codes.push(await code(n));
    assert.deepEqual(
      [codes[0], codes[29], codes[30]],
      ['unauthenticated', 'unauthenticated', 'too-many-requests'],
    );
  });
});

describe('the second factor', { timeout: 60_000 }, () => {
  it('is asked for once it was proved, and takes each code once', async (t) => {
    const { store, identity, other, anna } = await open(t);
    const { secret, uri } = await identity.logins.beginSecondFactor({ id: anna, name: 'anna' });
    assert.match(uri, /^otpauth:\/\/totp\/Longshore:anna\?/);
    await login(identity, 'anna', password); // not in force yet
    await assert.rejects(identity.logins.confirmSecondFactor(anna, '000000'), withCode('bad-request'));
    const now = Math.floor(Date.now() / 1000);
    const recovery = await identity.logins.confirmSecondFactor(
      anna,
      generateSync({ secret, epoch: now - 30 }),
    );
    assert.equal(recovery.length, 10);

    await assert.rejects(login(identity, 'anna', password), withCode('second-factor-required'));
    const code = generateSync({ secret, epoch: now });
    const tries = await Promise.allSettled(
      [identity, other].map((each) => login(each, 'anna', password, code)),
    );
    assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1, 'a code was taken twice');
    await assert.rejects(login(other, 'anna', password, code), withCode('unauthenticated'));

    const [first = ''] = recovery;
    await login(identity, 'anna', password, first.toUpperCase());
    await assert.rejects(login(other, 'anna', password, first), withCode('unauthenticated'));
    const kept = JSON.stringify((await sql`SELECT to_jsonb(p) FROM people p`.execute(store.db)).rows);
    assert.ok(!kept.includes(secret));
    await identity.logins.removeSecondFactor(anna);
    await sql`DELETE FROM login_failures`.execute(store.db);
    await login(identity, 'anna', password);
  });

  it('cannot be guessed by who knows the password', async (t) => {
    const { identity, anna } = await open(t);
    const { secret } = await identity.logins.beginSecondFactor({ id: anna, name: 'anna' });
    await identity.logins.confirmSecondFactor(anna, generateSync({ secret }));
    const codes: string[] = [];
    for (let n = 0; n < 7; n += 1) {
      await login(identity, 'anna', password).catch(() => undefined); // must not set the count back
      const caught = await login(identity, 'anna', password, `00000${n}`).catch((error: unknown) => error);
      codes.push(caught instanceof LongshoreError ? caught.code : 'in');
    }
    assert.equal(codes.at(-1), 'too-many-requests');
  });
});

describe('a passkey', { timeout: 60_000 }, () => {
  it('logs in at the origin that it was registered for, with each challenge once', async (t) => {
    const { identity, anna } = await open(t);
    const { logins } = identity;
    const key = createSoftwarePasskey('longshore.example.org');
    const begun = await logins.beginPasskey({ id: anna, name: 'anna' }, at);
    const challenge = String(begun.options.challenge);
    const registration = { challengeId: begun.challengeId, name: 'Key', response: key.create(challenge, at) };
    await assert.rejects(
      logins.registerPasskey('7f6d1f4e-7c1f-4a43-9d3c-0d2f3f1c1a10', registration, at),
      withCode('unauthenticated'),
    );
    assert.equal((await logins.registerPasskey(anna, registration, at)).name, 'Key');
    await assert.rejects(logins.registerPasskey(anna, registration, at), withCode('unauthenticated'));

    const asked = await logins.beginPasskeyLogin(at, from.address);
    const answer = {
      challengeId: asked.challengeId,
      response: key.get(String(asked.options.challenge), at),
    };
    assert.equal((await logins.byPasskey(answer, at, from, null)).personId, anna);
    await assert.rejects(logins.byPasskey(answer, at, from, null), withCode('unauthenticated'));

    const elsewhere = await logins.beginPasskeyLogin(at, from.address);
    const phished = {
      challengeId: elsewhere.challengeId,
      response: key.get(String(elsewhere.options.challenge), 'https://longshore.example.net'),
    };
    await assert.rejects(logins.byPasskey(phished, at, from, null), withCode('unauthenticated'));

    const [listed] = await logins.passkeys(anna);
    await logins.deletePasskey(anna, listed?.id ?? '');
    const gone = await logins.beginPasskeyLogin(at, from.address);
    const orphan = { challengeId: gone.challengeId, response: key.get(String(gone.options.challenge), at) };
    await assert.rejects(logins.byPasskey(orphan, at, from, null), withCode('unauthenticated'));
  });
});

describe('a session', { timeout: 60_000 }, () => {
  it('is a new one at each login and replaces the one that the browser brought', async (t) => {
    const { identity, anna } = await open(t);
    const planted = await login(identity, 'anna', password);
    const own = await identity.logins.byPassword({ name: 'anna', password }, from, planted.secret);
    assert.notEqual(own.secret, planted.secret);
    assert.equal(await identity.authenticateSession(planted.secret), null);
    assert.deepEqual(
      (await identity.logins.sessions(anna)).map(({ id }) => id),
      [own.id],
    );
  });

  it('ends in every process when it is revoked, blocked, or the password is changed', async (t) => {
    const { identity, other, anna } = await open(t);
    const told: (string | null)[] = [];
    const listening = await other.onAccessChange((id) => told.push(id));
    t.after(() => listening.stop());
    const open_ = () => login(identity, 'anna', password);
    const ended = async (secret: string, id: string) => {
      assert.equal(await other.authenticateSession(secret), null);
      await waitUntil('the end is told', () => told.includes(id));
    };
    const [revoked, kept, changed] = [await open_(), await open_(), await open_()];
    await identity.logins.revokeSession(anna, revoked.id);
    await ended(revoked.secret, revoked.id);
    await identity.logins.setPassword(anna, `${password} new`, kept.id);
    await ended(changed.secret, changed.id);
    assert.notEqual(await other.authenticateSession(kept.secret), null);

    const token = await identity.createToken({ name: 'own', scopes: ['*'], expiresAt: null }, 'anna', anna);
    assert.equal((await other.authenticate(token.secret, '192.0.2.1'))?.personId, anna);
    const by = { name: 'test', personId: null };
    assert.equal((await identity.people.block(anna, by)).status, 'blocked');
    await ended(kept.secret, kept.id);
    assert.equal(await other.authenticate(token.secret, '192.0.2.1'), null);
    await waitUntil('the end is told', () => told.includes(token.id));
    await assert.rejects(login(identity, 'anna', `${password} new`), withCode('permission-denied'));
    await identity.people.unblock(anna, 'test');
    assert.notEqual(await other.authenticate(token.secret, '192.0.2.1'), null);
    assert.equal(await other.authenticateSession(kept.secret), null);
  });

  it('ends when it is idle for too long, and after a week however busy', async (t) => {
    const { store, identity, anna } = await open(t);
    const idle = await login(identity, 'anna', password);
    const old = await login(identity, 'anna', password);
    await sql`UPDATE sessions SET last_seen_at = now() - interval '13 hours' WHERE id = ${idle.id}::uuid`.execute(
      store.db,
    );
    await sql`UPDATE sessions SET expires_at = created_at WHERE id = ${old.id}::uuid`.execute(store.db);
    assert.equal(await identity.authenticateSession(idle.secret), null);
    assert.equal(await identity.authenticateSession(old.secret), null);
    await removeExpired(store);
    const { rows } = await sql`SELECT id FROM sessions`.execute(store.db);
    assert.deepEqual([rows, await identity.logins.sessions(anna)], [[], []]);
  });
});

describe('people', { timeout: 60_000 }, () => {
  it('are listed page by page, those who wait first', async (t) => {
    const { store, identity } = await open(t);
    for (const name of ['zoe', 'ben', 'carl']) {
      await sql`INSERT INTO people (id, name, display_name, status, created_by)
        VALUES (gen_random_uuid(), ${name}, ${name.toUpperCase()}, ${name === 'zoe' ? 'pending' : 'active'}, 'test')`.execute(
        store.db,
      );
    }
    const first = await identity.people.list({ limit: 3 });
    assert.deepEqual([first.items.map(({ name }) => name), first.total], [['zoe', 'anna', 'ben'], 4]);
    const second = await identity.people.list({ limit: 3, cursor: first.next ?? '' });
    assert.deepEqual([second.items.map(({ name }) => name), second.next], [['carl'], null]);
    const named = async (filter: string) =>
      (await identity.people.list({ limit: 9, filter })).items.map(({ name }) => name);
    assert.deepEqual(await named('status:pending'), ['zoe']);
    assert.deepEqual(await named('name:b*,zoe -status:pending'), ['ben']);
    assert.deepEqual(await named('CAR'), ['carl']);
    await assert.rejects(
      identity.people.list({ limit: 3, cursor: first.next ?? '', filter: 'x' }),
      withCode('bad-cursor'),
    );
  });
});
