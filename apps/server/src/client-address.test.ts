import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { clientAddressOf } from './client-address.ts';

function from(peer: string, forwarded?: string) {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  return { socket, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } };
}

describe('where a request comes from', () => {
  const addressOf = clientAddressOf(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);

  it('is the other side of the connection, whatever it claims', () => {
    assert.equal(addressOf(from('192.0.2.1', '1.2.3.4')), '192.0.2.1');
    assert.equal(addressOf(from('::ffff:192.0.2.1')), '192.0.2.1');
  });

  it('is what trusted proxies tell, and not what was told to them', () => {
    assert.equal(addressOf(from('127.0.0.1', '6.6.6.6, 192.0.2.1, 10.1.2.3')), '192.0.2.1');
    assert.equal(addressOf(from('::ffff:10.0.0.1', '2001:db8::1')), '2001:db8::1');
    assert.equal(addressOf(from('10.0.0.1', 'unknown')), '10.0.0.1');
    assert.equal(addressOf(from('10.0.0.1')), '10.0.0.1');
  });
});
