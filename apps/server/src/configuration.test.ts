import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigurationError, readConfiguration } from './configuration.ts';

describe('the configuration', () => {
  it('needs nothing to be set', () => {
    const { listen, roles, databaseUrl } = readConfiguration({ HOME: '/home/a' });
    assert.deepEqual(
      { listen, roles, databaseUrl },
      {
        listen: { host: '127.0.0.1', port: 8420 },
        roles: ['api', 'worker', 'console', 'dns'],
        databaseUrl: undefined,
      },
    );
  });

  it('takes an empty variable as none', () => {
    assert.equal(readConfiguration({ DATABASE_URL: '' }).databaseUrl, undefined);
  });

  it('reads an IPv6 address to listen on', () => {
    assert.deepEqual(readConfiguration({ LONGSHORE_LISTEN: '[::1]:8000' }).listen, {
      host: '::1',
      port: 8000,
    });
  });

  it('names every variable that is wrong, and what to write', () => {
    assert.throws(
      () => readConfiguration({ LONGSHORE_LISTEN: 'everywhere', LONGSHORE_ROLES: 'api,cook' }),
      (error: unknown) =>
        error instanceof ConfigurationError &&
        /LONGSHORE_LISTEN: use ADDRESS:PORT/.test(error.message) &&
        /LONGSHORE_ROLES/.test(error.message),
    );
  });

  it('refuses half of a TLS key pair', () => {
    assert.throws(() => readConfiguration({ LONGSHORE_TLS_CERT: '/a' }), /set both, or neither/);
  });
});
