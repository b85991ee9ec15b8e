import { createSocket } from 'node:dgram';
import { decode, encode, type Question } from 'dns-packet';
import { untilTrue } from './until-true.ts';

type Address = Readonly<{ host: string; port: number }>;

/** One question of the comparison. */
export type Asked = Readonly<{ name: string; type: string }>;

const ANSWER_LIMIT_MS = 2000;

/** What a server says, in a form that two servers can be compared by: order and case of names mean nothing. */
export async function answerOf(server: Address, { name, type }: Asked): Promise<string> {
  const questions = [{ type, name }] as Question[];
  const query = encode({ type: 'query', id: 4711, questions });
  let answer: Buffer | null = null;
  await untilTrue(`${server.host} answers ${name} ${type}`, async () => {
    answer = await exchange(server, query);
    return answer !== null;
  });
  return textOf(answer ?? Buffer.alloc(0));
}

function exchange({ host, port }: Address, query: Buffer): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const done = (answer: Buffer | null) => {
      clearTimeout(limit);
      socket.close();
      resolve(answer);
    };
    const limit = setTimeout(() => done(null), ANSWER_LIMIT_MS);
    socket.once('message', done);
    socket.once('error', reject);
    socket.send(query, port, host);
  });
}

function textOf(message: Buffer): string {
  const flags = message.readUInt16BE(2);
  const { answers, authorities, additionals } = decode(message);
  const section = (records: typeof answers) =>
    (records ?? [])
      .map((record) =>
        JSON.stringify(record, (_, value: unknown) =>
          typeof value === 'string' ? value.toLowerCase() : value,
        ),
      )
      .sort()
      .join('\n  ');
  // Addresses that help are told beside a referral only: beside answers NSD adds those that it knows, and we do not.
  const isReferral = ((flags >> 10) & 1) === 0;
  // The code, whether the answer is authoritative, and whether it was cut.
  return [
    `code ${flags & 15} authoritative ${(flags >> 10) & 1} cut ${(flags >> 9) & 1}`,
    `answers\n  ${section(answers)}`,
    `authorities\n  ${section(authorities)}`,
    `additionals\n  ${isReferral ? section(additionals) : ''}`,
  ].join('\n');
}

const TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'SOA', 'PTR', 'SRV', 'DS', 'CAA'] as const;
const LABELS = [
  'web',
  'www',
  'apps',
  'x',
  'deep',
  'in',
  'sub',
  'ns',
  '*',
  'loop',
  'out',
  '_sip',
  'note',
  'none',
  'a'.repeat(63),
];

/** A question about something in the zones or beside it. @param random from 0 to below 1 */
export function randomQuestion(zones: readonly string[], random: () => number): Asked {
  const pick = <T>(all: readonly T[], otherwise: T): T => all[Math.floor(random() * all.length)] ?? otherwise;
  const labels = Array.from({ length: Math.floor(random() * 4) }, () => pick(LABELS, 'x'));
  const zone = random() < 0.05 ? 'example.org' : pick(zones, '');
  const name = [...labels, zone].join('.').slice(-240).replace(/^\./, '');
  const mixed = [...name].map((char) => (random() < 0.3 ? char.toUpperCase() : char)).join('');
  return { name: mixed, type: pick(TYPES, 'A') };
}
