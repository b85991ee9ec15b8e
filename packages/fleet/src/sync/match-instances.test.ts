import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InstanceObservation } from './instance-observation.ts';
import { becomesMissing, type KnownInstance, matchInstances, type ReadToMatch } from './match-instances.ts';

const here = 'host-a';

function seen(name: string, patch: Partial<InstanceObservation> = {}): InstanceObservation {
  return {
    lxd_project: 'default',
    name,
    type: 'container',
    status: 'running',
    description: '',
    architecture: null,
    ephemeral: false,
    profiles: [],
    config: {},
    devices: {},
    image: null,
    host_uuid: null,
    addresses: [],
    snapshots: [],
    created_at: null,
    last_used_at: null,
    mark: null,
    ...patch,
  };
}

function row(id: string, name: string, patch: Partial<KnownInstance> = {}): KnownInstance {
  return {
    id,
    hostId: here,
    lxdProject: 'default',
    name,
    hostUuid: null,
    status: 'running',
    observation: 1,
    busy: false,
    ...patch,
  };
}

/** What becomes of a read, in short: `id<-name`, `+name` adopted, `-id` unseen. */
function outcome(read: Partial<ReadToMatch>): string[] {
  const { updates, adoptions, unseen } = matchInstances({
    hostId: here,
    observation: 10,
    seen: [],
    known: [],
    departures: [],
    settlesPending: false,
    ...read,
  });
  return [
    ...updates.map((update) => `${update.id}<-${update.seen.name}`),
    ...adoptions.map((one) => `+${one.name}`),
    ...unseen.map((one) => `-${one.id}`),
  ].sort();
}

describe('matching a read to rows (docs/spec/host-sync.md)', () => {
  const cases: readonly [string, Partial<ReadToMatch>, string[]][] = [
    ['I3 adopts what nobody knows', { seen: [seen('a')] }, ['+a']],
    [
      'I4 follows a rename by the identifier of the host',
      { seen: [seen('b', { host_uuid: 'u' })], known: [row('1', 'a', { hostUuid: 'u' })] },
      ['1<-b'],
    ],
    [
      'I3 takes a missing one back when it returns',
      {
        seen: [seen('a', { host_uuid: 'u' })],
        known: [row('1', 'a', { hostUuid: 'u', status: 'missing' })],
      },
      ['1<-a'],
    ],
    [
      'I4 follows a rename although a newer read found the old place empty',
      {
        seen: [seen('b', { host_uuid: 'u' })],
        known: [row('1', 'a', { hostUuid: 'u', status: 'missing', observation: 11 })],
      },
      ['1<-b'],
    ],
    [
      'I2 does not bring back what a newer read found gone',
      {
        seen: [seen('a', { host_uuid: 'u' })],
        known: [row('1', 'a', { hostUuid: 'u', status: 'missing', observation: 11 })],
      },
      [],
    ],
    [
      'I4 follows two that swapped names',
      {
        seen: [seen('a', { host_uuid: 'v' }), seen('b', { host_uuid: 'u' })],
        known: [row('1', 'a', { hostUuid: 'u' }), row('2', 'b', { hostUuid: 'v' })],
      },
      ['1<-b', '2<-a'],
    ],
    [
      'I4 takes a re-made instance of the same name for another one',
      { seen: [seen('a', { host_uuid: 'new' })], known: [row('1', 'a', { hostUuid: 'old' })] },
      ['+a', '-1'],
    ],
    [
      'I4 does not give the row to a copy that bears its mark',
      {
        seen: [seen('copy', { host_uuid: 'v', mark: '1' }), seen('a', { host_uuid: 'u', mark: '1' })],
        known: [row('1', 'a', { hostUuid: 'u' })],
      },
      ['+copy', '1<-a'],
    ],
    [
      'I4 knows its own instance by mark before it knows the identifier',
      { seen: [seen('a', { host_uuid: 'u', mark: '1' })], known: [row('1', 'a')] },
      ['1<-a'],
    ],
    [
      'I5 follows a missing one to the host where it is now',
      {
        seen: [seen('a', { host_uuid: 'v', mark: '1' })],
        known: [row('1', 'a', { hostId: 'host-b', hostUuid: 'u', status: 'missing' })],
      },
      ['1<-a'],
    ],
    [
      'I5 leaves both halves of a move to its operation',
      { seen: [seen('a', { mark: '1' })], known: [row('1', 'a', { hostId: 'host-b', busy: true })] },
      [],
    ],
    [
      'I5 shows a copy of an instance that is present elsewhere',
      { seen: [seen('a', { mark: '1' })], known: [row('1', 'a', { hostId: 'host-b' })] },
      ['+a'],
    ],
    [
      'I6 does not adopt again what left after the read began',
      {
        seen: [seen('a')],
        departures: [{ lxdProject: 'default', name: 'a', observation: 11, unfinished: false }],
      },
      [],
    ],
    [
      'I6 adopts what came to a place that something left before',
      {
        seen: [seen('a')],
        departures: [{ lxdProject: 'default', name: 'a', observation: 9, unfinished: false }],
      },
      ['+a'],
    ],
    [
      'I2 writes nothing over a newer read',
      { seen: [seen('a')], known: [row('1', 'a', { observation: 11 })] },
      [],
    ],
    [
      'I7 leaves a pending instance to its operation',
      { seen: [seen('a', { mark: '1' })], known: [row('1', 'a', { status: 'pending', busy: true })] },
      [],
    ],
    [
      'I7 settles a pending instance when its operation asks',
      {
        seen: [seen('a', { mark: '1' })],
        known: [row('1', 'a', { status: 'pending', busy: true })],
        settlesPending: true,
      },
      ['1<-a'],
    ],
    [
      'I7 does not take a stranger for the instance being made',
      {
        seen: [seen('a', { host_uuid: 'u' })],
        known: [row('1', 'a', { status: 'pending', busy: true })],
        settlesPending: true,
      },
      ['-1'],
    ],
  ];
  for (const [name, read, expected] of cases) {
    it(name, () => assert.deepEqual(outcome(read), expected));
  }
});

describe('an instance that was not seen', () => {
  const read = { observation: 10, settlesPending: false };

  it('becomes missing, unless it is pending, busy or written by a newer read (I3)', () => {
    assert.equal(becomesMissing(row('1', 'a'), read), true);
    assert.equal(becomesMissing(row('1', 'a', { status: 'pending' }), read), false);
    assert.equal(becomesMissing(row('1', 'a', { busy: true }), read), false);
    assert.equal(becomesMissing(row('1', 'a', { busy: true }), { ...read, settlesPending: true }), true);
    assert.equal(becomesMissing(row('1', 'a', { observation: 11 }), read), false);
  });
});
