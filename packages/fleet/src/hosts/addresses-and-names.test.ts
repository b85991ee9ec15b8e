import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitName } from './enrol-host-handler.ts';
import { normalUrl } from './find-server.ts';

describe('the address of a host', () => {
  it('is kept in one form, with LXD’s port where none is named', () => {
    const cases = [
      ['10.0.0.1', 'https://10.0.0.1:8443'],
      ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443'],
      ['https://Host.Example/', 'https://host.example:8443'],
      ['https://host:443/', 'https://host:443'],
      ['https://host:9443/1.0?x=1', 'https://host:9443'],
    ] as const;
    for (const [text, url] of cases) assert.equal(normalUrl(text), url);
  });

  it('is https', () => {
    for (const text of ['http://host:8443', 'ftp://host', 'https://', '::::']) {
      assert.throws(() => normalUrl(text), { code: 'bad-request' }, text);
    }
  });
});

describe('the name of a host', () => {
  it('is made of what the server calls itself', () => {
    assert.equal(fitName('Web_Server.example.org'), 'web-server');
    assert.equal(fitName('--ü--'), 'host');
    assert.equal(fitName('a'.repeat(80)).length, 63);
  });
});
