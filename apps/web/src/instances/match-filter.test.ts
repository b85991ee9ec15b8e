import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeInstance } from '../testing/made-instance.ts';
import { filterError, type InstanceRow, matchFilter } from './match-filter.ts';

const rows: readonly InstanceRow[] = [
  {
    ...madeInstance({ id: '1', name: 'web1', labels: { env: 'prod' } }),
    hostName: 'north',
    projectName: null,
  },
  {
    ...madeInstance({ id: '2', name: 'Web2', status: 'stopped', claimed: false }),
    hostName: 'south',
    projectName: null,
  },
  {
    ...madeInstance({ id: '3', name: 'db', type: 'virtual-machine', addresses: ['fd00::3'] }),
    hostName: 'north',
    projectName: null,
  },
];
const found = (filter: string) =>
  rows
    .filter(matchFilter(filter))
    .map((row) => row.id)
    .join('');

describe('filtering the table', () => {
  it('means what the server means', () => {
    for (const [filter, ids] of [
      ['', '123'],
      ['web', '12'],
      ['status:running host:north', '13'],
      ['status:running,stopped -host:south', '13'],
      ['name:web*', '1'],
      ['name:*b*1', '1'],
      ['label:env', '1'],
      ['label:env=pr*', '1'],
      ['-label:env', '23'],
      ['type:vm', '3'],
      ['claimed:no', '2'],
      ['address:FD00::3', '3'],
      ['address:10.*', '12'],
      ['image:"Debian 13"', '123'],
    ] as const)
      assert.equal(found(filter), ids, filter);
  });

  it('says what is wrong with a filter, and where', () => {
    assert.match(filterError('colour:red') ?? '', /colour.*character 1.*Use one of/s);
    assert.match(filterError('claimed:maybe') ?? '', /neither true nor false/);
    assert.match(filterError('name:"web') ?? '', /not closed/);
    assert.equal(filterError('status:running web'), null);
  });

  it('is not slowed down by a pattern of many asterisks', () => {
    const test = matchFilter(`name:${'*a'.repeat(400)}*b`);
    assert.equal(
      test({ ...madeInstance({ name: 'a'.repeat(5000) }), hostName: 'north', projectName: null }),
      false,
    );
  });
});
