import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DnsRecordType } from '@longshore/contract';
import { installDnsTools } from '@longshore/testbed';
import { answerOf, randomQuestion } from './compare-answers.ts';
import { dig, KNOT, type NameServer, NSD, startKnot, startNsd, untilDug } from './name-servers.ts';
import { type Fleet, openFleet } from './open-fleet.ts';
import { seededRandom } from './seeded-random.ts';
import { untilTrue } from './until-true.ts';

/** Some seconds' worth; any number holds. */
const QUESTIONS = 2000;

describe('the names of a real host’s instances', { timeout: 300_000 }, () => {
  let fleet: Fleet;
  let own: { host: string; port: number };
  let image: string;
  let web: string;
  let address: string;
  const secondaries: NameServer[] = [];
  const why = () =>
    [fleet.longshore.output().slice(-4000), ...secondaries.map((each) => each.output())].join('\n');

  before(async () => {
    await installDnsTools(['bind9-dnsutils', 'nsd', 'knot']);
    fleet = await openFleet({
      name: 'names',
      lxd: 1,
      longshore: { env: { LONGSHORE_DNS_LISTEN: '127.53.0.1:0' } },
    });
    const [host] = fleet.testbed.hosts;
    const [first] = fleet.longshore.dns;
    assert.ok(host !== undefined && first !== undefined);
    own = first;
    image = await host.importImage('busybox');
    await fleet.enrol(host);
    const secondariesOf = [`${NSD.host}:${NSD.port}`, `${KNOT.host}:${KNOT.port}`];
    for (const name of ['i.test', '10.0.0.0/8']) {
      await fleet.client.call('createDnsZone', {
        body: { name, nameServers: ['ns1.i.test', 'ns2.i.test'], secondaries: secondariesOf },
      });
    }
    web = await fleet.launch('web', { source: { image } });
  });

  after(async () => {
    for (const each of secondaries) await each.stop();
    await fleet?.close();
  });

  it('resolve as soon as the instance has an address, and back', async () => {
    await untilTrue('the instance has an IPv4 address', async () => {
      const { value } = await fleet.client.call('getInstance', { params: { id: web } });
      address =
        value.addresses.find(({ family, scope }) => family === 'ipv4' && scope === 'global')?.address ?? '';
      return address !== '';
    });
    await untilDug(own, ['web.i.test', 'A'], [address], why);
    await untilDug(own, ['-x', address], ['web.i.test.'], why);
    await untilDug(own, ['+tcp', 'web.i.test', 'A'], [address], why);
    const none = await dig(own, 'none.i.test', 'A');
    assert.match(none, /status: NXDOMAIN/);
    assert.match(none, /COOKIE: [0-9a-f]{48} \(good\)/);
    assert.match(await dig(own, 'example.org', 'A'), /status: REFUSED/);
  });

  it('are told apart by project, and explained', async () => {
    const { call } = fleet.client;
    await call('createProject', { body: { name: 'lab' } });
    const { etag } = await call('getInstance', { params: { id: web } });
    await call('updateInstance', { params: { id: web }, body: { project: 'lab' }, ifMatch: etag ?? '' });
    await untilDug(own, ['web.lab.i.test', 'A'], [address], why);
    await untilDug(own, ['-x', address], ['web.lab.i.test.'], why);
    const { value: moved } = await call('explainDnsName', { query: { name: 'web.i.test', type: 'A' } });
    assert.equal(moved.outcome, 'no-such-name');
    assert.match(moved.reasons.join('\n'), /it is called web\.lab\.i\.test/);
    await call('createDnsRecord', {
      params: { id: 'lab.i.test' },
      body: { name: 'www', type: 'CNAME', value: 'web.lab.i.test' },
    });
    await untilDug(own, ['www.lab.i.test', 'A'], ['web.lab.i.test.', address], why);
  });

  it('are fetched by Knot and NSD with a key, and stay in step', async () => {
    const { call } = fleet.client;
    const { value: key } = await call('createDnsKey', { body: { name: 'transfer.test' } });
    const signed = ['-y', `hmac-sha256:${key.name}:${key.secret}`];
    const whole = await dig(own, ...signed, '+noall', '+answer', '+tcp', 'lab.i.test', 'AXFR');
    assert.match(whole, /^web\.lab\.i\.test\.\s+60\s+IN\s+A\s/m);
    assert.match(await dig(own, 'lab.i.test', 'AXFR'), /Transfer failed/);
    const wrong = `hmac-sha256:${key.name}:${Buffer.alloc(32).toString('base64')}`;
    assert.match(await dig(own, '-y', wrong, 'lab.i.test', 'SOA'), /BADSIG/);
    assert.match(await dig(own, ...signed, 'lab.i.test', 'SOA'), /status: NOERROR/);

    const zones = ['i.test', 'lab.i.test', '10.in-addr.arpa'];
    secondaries.push(await startNsd({ zones, primary: own, key }));
    secondaries.push(await startKnot({ zones, primary: own, key }));
    for (const server of [NSD, KNOT]) {
      await untilDug(server, ['web.lab.i.test', 'A'], [address], why);
      await untilDug(server, ['-x', address], ['web.lab.i.test.'], why);
    }
    await call('createDnsRecord', {
      params: { id: 'lab.i.test' },
      body: { name: 'note', type: 'TXT', value: '"first version"' },
    });
    for (const server of [own, NSD, KNOT])
      await untilDug(server, ['note.lab.i.test', 'TXT'], ['"first version"'], why);
    await fleet.done(call('powerInstance', { params: { id: web }, body: { action: 'stop', force: true } }));
    for (const server of [own, NSD, KNOT]) {
      await untilDug(server, ['web.lab.i.test', 'A'], [], why);
      await untilDug(server, ['-x', address], [], why);
    }
    const serials = await Promise.all(
      [own, NSD, KNOT].map((server) => dig(server, '+short', 'lab.i.test', 'SOA')),
    );
    assert.deepEqual(serials, [serials[0], serials[0], serials[0]]);
    assert.match(fleet.longshore.output(), /"since":\d+,.*a zone was transferred/, 'by what changed alone');
  });

  it('are answered as NSD answers for the same zones, whatever is asked', async () => {
    const { call } = fleet.client;
    const write = (name: string, type: DnsRecordType, value: string) =>
      call('createDnsRecord', { params: { id: 'i.test' }, body: { name, type, value } });
    await write('www', 'CNAME', 'x.apps.i.test');
    await write('out', 'CNAME', 'www.example.org');
    await write('loop', 'CNAME', 'none.i.test');
    await write('*.apps', 'A', '192.0.2.1');
    await write('*.apps', 'MX', '10 x.i.test');
    await write('x.deep.in', 'TXT', '"below a place that is only a place"');
    await write('*.x', 'CNAME', 'www.i.test');
    await write('_sip.web', 'SRV', '0 5 5060 web.i.test');
    await write('a', 'CAA', '0 issue ";"');
    await write('sub', 'NS', 'ns.sub.i.test');
    await write('sub', 'NS', 'ns.example.org');
    await write('ns.sub', 'A', '192.0.2.53');
    await write('ns1', 'A', '127.53.0.1');
    for (const n of [1, 2, 3, 4, 5]) await write('note', 'TXT', `"${String(n).repeat(200)}"`);
    await write('end', 'TXT', '"all is written"');
    for (const server of [own, NSD]) await untilDug(server, ['end.i.test', 'TXT'], ['"all is written"'], why);
    // The same questions in each run, unless others are asked for: what is new shall be found by who looks for it.
    const seed = Number(process.env.LONGSHORE_TEST_SEED ?? 53);
    const random = seededRandom(seed);
    for (let n = 0; n < QUESTIONS; n += 1) {
      const asked = randomQuestion(['i.test', 'lab.i.test', '10.in-addr.arpa', 'test'], random);
      const [ours, theirs] = await Promise.all([own, NSD].map((server) => answerOf(server, asked)));
      assert.equal(ours, theirs, `${asked.name} ${asked.type}, seed ${seed}`);
    }
  });
});
