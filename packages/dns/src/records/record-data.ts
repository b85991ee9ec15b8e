import { isIPv4, isIPv6 } from 'node:net';
import { type DnsRecordType, LongshoreError } from '@longshore/contract';
import { BadName, nameToText, nameToWire } from '../wire/domain-name.ts';
import { httpsData } from './https-data.ts';
import { ipv6Octets } from './ipv6-octets.ts';
import { BadValue, type RecordData, splitWords, type Word } from './value-words.ts';

/**
 * Data of a record from text, in the form of zone files (RFC 1035, 5.1, and each type's own document), except that every name
 * is whole. Pure.
 *
 * @throws LongshoreError `bad-request`, at the field `value`
 */
export function readRecordData(type: DnsRecordType, text: string): RecordData {
  try {
    return parse(type, text);
  } catch (error) {
    if (!(error instanceof BadValue) && !(error instanceof BadName)) throw error;
    throw new LongshoreError(
      'bad-request',
      `The value does not suit a record of type ${type}: ${error.message}.`,
      {
        fields: [{ path: 'value', message: error.message }],
      },
    );
  }
}

function parse(type: DnsRecordType, text: string): RecordData {
  const words = splitWords(text);
  switch (type) {
    case 'A':
      if (!isIPv4(text)) throw new BadValue('write an IPv4 address such as 192.0.2.1');
      return { rdata: Buffer.from(text.split('.').map(Number)), value: text };
    case 'AAAA':
      if (!isIPv6(text) || text.includes('%'))
        throw new BadValue('write an IPv6 address such as 2001:db8::1');
      return { rdata: ipv6Octets(text), value: ipv6Text(text) };
    case 'CNAME':
    case 'NS':
    case 'PTR': {
      const [name] = exactly(words, 1, 'write one whole name such as www.example.org.');
      return nameData(name ?? '');
    }
    case 'MX': {
      const [preference, name] = exactly(words, 2, 'write PREFERENCE NAME, such as 10 mail.example.org.');
      const target = nameData(name ?? '');
      return joined([number(preference, 65_535, 2)], [target]);
    }
    case 'SRV': {
      const [priority, weight, port, name] = exactly(
        words,
        4,
        'write PRIORITY WEIGHT PORT NAME, such as 0 5 5060 sip.example.org.',
      );
      const numbers = [priority, weight, port].map((each) => number(each, 65_535, 2));
      return joined(numbers, [nameData(name ?? '')]);
    }
    case 'TXT': {
      if (words.length === 0) throw new BadValue('write a text, in double quotes where it has spaces');
      const strings = words.flatMap(({ octets }) => chunks(octets));
      return {
        rdata: Buffer.concat(strings.map((part) => Buffer.concat([Buffer.from([part.length]), part]))),
        value: strings.map(quoted).join(' '),
      };
    }
    case 'CAA': {
      const [flags, tag, value] = exactly(
        words,
        3,
        'write FLAGS TAG VALUE, such as 0 issue "letsencrypt.org"',
      );
      const name = tag?.text ?? '';
      if (!/^[a-zA-Z0-9]{1,15}$/.test(name))
        throw new BadValue('the tag is issue, issuewild, iodef or alike');
      const head = number(flags, 255, 1);
      const data = value?.octets ?? Buffer.alloc(0);
      return {
        rdata: Buffer.concat([head.rdata, Buffer.from([name.length]), Buffer.from(name.toLowerCase()), data]),
        value: `${head.value} ${name.toLowerCase()} ${quoted(data)}`,
      };
    }
    case 'SSHFP': {
      const [algorithm, kind, ...rest] = words;
      const hex = rest
        .map(({ text: part }) => part)
        .join('')
        .toLowerCase();
      const numbers = [number(algorithm, 255, 1), number(kind, 255, 1)];
      const wanted = { '1': 40, '2': 64 }[numbers[1]?.value ?? ''];
      if (!/^([0-9a-f]{2})+$/.test(hex) || (wanted !== undefined && hex.length !== wanted)) {
        throw new BadValue('write ALGORITHM HASH FINGERPRINT, as ssh-keygen -r prints them');
      }
      return joined(numbers, [{ rdata: Buffer.from(hex, 'hex'), value: hex }]);
    }
    case 'HTTPS':
      return httpsData(words);
    default:
      return type satisfies never;
  }
}

function exactly(words: readonly Word[], count: number, usage: string): readonly Word[] {
  if (words.length !== count) throw new BadValue(usage);
  return words;
}

function number(word: Word | undefined, largest: number, octets: 1 | 2): RecordData {
  const text = word?.text ?? '';
  if (!/^\d{1,5}$/.test(text) || Number(text) > largest) {
    throw new BadValue(`"${text}" is no number from 0 to ${largest}`);
  }
  const rdata = Buffer.alloc(octets);
  rdata.writeUIntBE(Number(text), 0, octets);
  return { rdata, value: String(Number(text)) };
}

function nameData(word: Word | ''): RecordData {
  const rdata = nameToWire(word === '' ? '' : word.text);
  return { rdata, value: nameToText(rdata) };
}

function joined(...parts: readonly (readonly RecordData[])[]): RecordData {
  const all = parts.flat();
  return {
    rdata: Buffer.concat(all.map(({ rdata }) => rdata)),
    value: all.map(({ value }) => value).join(' '),
  };
}

/** Strings of at most 255 octets: a longer text is several (RFC 7208, 3.3). */
function chunks(octets: Buffer): readonly Buffer[] {
  if (octets.length === 0) return [octets];
  return Array.from({ length: Math.ceil(octets.length / 255) }, (_, n) =>
    octets.subarray(n * 255, n * 255 + 255),
  );
}

function quoted(octets: Buffer): string {
  let text = '';
  for (const octet of octets) {
    if (octet === 34 || octet === 92) text += `\\${String.fromCharCode(octet)}`;
    else if (octet >= 32 && octet < 127) text += String.fromCharCode(octet);
    else text += `\\${String(octet).padStart(3, '0')}`;
  }
  return `"${text}"`;
}

/** The form of RFC 5952, as the URL parser writes it. */
function ipv6Text(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
