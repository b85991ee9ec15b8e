import { isIPv4, isIPv6 } from 'node:net';
import { nameToText, nameToWire } from '../wire/domain-name.ts';
import { ipv6Octets } from './ipv6-octets.ts';
import { BadValue, type RecordData, type Word } from './value-words.ts';

/** Keys of service parameters (RFC 9460, 14.3.2). */
const KEYS: Readonly<Record<string, number>> = {
  alpn: 1,
  'no-default-alpn': 2,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
};

/**
 * Data of an HTTPS record (RFC 9460): `PRIORITY TARGET [KEY=VALUE…]`. The codec library has neither HTTPS nor SVCB.
 * @throws BadValue, BadName
 */
export function httpsData(words: readonly Word[]): RecordData {
  const [priority, target, ...rest] = words;
  if (
    priority === undefined ||
    target === undefined ||
    !/^\d{1,5}$/.test(priority.text) ||
    Number(priority.text) > 65_535
  ) {
    throw new BadValue('write PRIORITY TARGET, and parameters, such as 1 . alpn=h2,h3');
  }
  if (Number(priority.text) === 0 && rest.length > 0)
    throw new BadValue('an alias (priority 0) has no parameters');
  const head = Buffer.alloc(2);
  head.writeUInt16BE(Number(priority.text), 0);
  const name = nameToWire(target.text);
  const parameters = rest.map(readParameter).sort((a, b) => a.key - b.key);
  if (new Set(parameters.map(({ key }) => key)).size !== parameters.length)
    throw new BadValue('a parameter stands there twice');
  return {
    rdata: Buffer.concat([head, name, ...parameters.map(({ key, data }) => withHead(key, data))]),
    value: [String(Number(priority.text)), nameToText(name), ...parameters.map(({ text }) => text)].join(' '),
  };
}

function withHead(key: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(key, 0);
  head.writeUInt16BE(data.length, 2);
  return Buffer.concat([head, data]);
}

function readParameter(word: Word): Readonly<{ key: number; data: Buffer; text: string }> {
  const text = word.octets.toString('utf8');
  const at = text.indexOf('=');
  const name = at === -1 ? text : text.slice(0, at);
  const value = at === -1 ? '' : text.slice(at + 1);
  const key = KEYS[name];
  if (key === undefined) throw new BadValue(`"${name}" is none of ${Object.keys(KEYS).join(', ')}`);
  return { key, data: parameterData(name, value), text: value === '' ? name : `${name}=${value}` };
}

function parameterData(name: string, value: string): Buffer {
  const parts = value.split(',');
  switch (name) {
    case 'alpn':
      if (!parts.every((part) => /^[\x21-\x7e]{1,255}$/.test(part)))
        throw new BadValue('alpn is a list such as h2,h3');
      return Buffer.concat(
        parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])),
      );
    case 'no-default-alpn':
      if (value !== '') throw new BadValue('no-default-alpn has no value');
      return Buffer.alloc(0);
    case 'port': {
      if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535)
        throw new BadValue('port is a number up to 65535');
      const data = Buffer.alloc(2);
      data.writeUInt16BE(Number(value), 0);
      return data;
    }
    case 'ipv4hint':
      if (!parts.every((part) => isIPv4(part))) throw new BadValue('ipv4hint is a list of IPv4 addresses');
      return Buffer.from(parts.flatMap((part) => part.split('.').map(Number)));
    case 'ipv6hint':
      if (!parts.every((part) => isIPv6(part) && !part.includes('%')))
        throw new BadValue('ipv6hint is a list of IPv6 addresses');
      return Buffer.concat(parts.map(ipv6Octets));
    default: {
      const data = Buffer.from(value, 'base64');
      if (data.length === 0 || data.toString('base64') !== value) throw new BadValue('ech is base64');
      return data;
    }
  }
}
