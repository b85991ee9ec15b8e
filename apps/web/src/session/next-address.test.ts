import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextAddress } from './next-address.ts';

const next = (raw: unknown) => nextAddress(raw, 'https://longshore.example');

describe('where a login leads', () => {
  it('is the page that was asked for, with its state', () => {
    assert.equal(next('/ui/instances?filter=host%3Aa#top'), '/ui/instances?filter=host%3Aa#top');
    assert.equal(next('/ui/'), '/ui/');
  });

  it('is never outside of this interface, however it is written', () => {
    const foreign = [
      'https://evil.example/',
      '//evil.example/ui/',
      '/\\evil.example',
      '/ui/../../evil',
      '/ui/..//evil.example',
      '/ui/%2e%2e/v1/logout',
      '/ui\t/../docs',
      'javascript:alert(1)',
      '/v1/people',
      '/ui',
      '',
      null,
      7,
      `/ui/${'a'.repeat(2000)}`,
    ];
    for (const raw of foreign) assert.equal(next(raw), '/ui/', String(raw));
  });

  it('is not the login itself', () => {
    assert.equal(next('/ui/login?next=/ui/login'), '/ui/');
    assert.equal(next('/ui/setup#code'), '/ui/');
  });
});
