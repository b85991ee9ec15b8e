import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InstanceStatus, PERMISSIONS } from '@longshore/contract';
import { t } from '../texts/texts.ts';
import { type InstanceAction, type InstanceFacts, whyNotInstance, whyNotPermitted } from './why-not.ts';

const facts = (over: Partial<InstanceFacts> = {}): InstanceFacts => ({
  status: 'running',
  claimed: true,
  protected: false,
  operationId: null,
  hostMaintenance: false,
  permissions: PERMISSIONS,
  ...over,
});
const ask = (action: InstanceAction, over: Partial<InstanceFacts> = {}) =>
  whyNotInstance(action, facts(over));

/** Every state in which an action is offered; the table that a person reads to check the rules. */
const OFFERED: Readonly<Record<InstanceAction, string>> = {
  start: 'stopped frozen error unknown',
  stop: 'running frozen starting stopping error unknown',
  restart: 'running error unknown',
  freeze: 'running error unknown',
  unfreeze: 'frozen error unknown',
  snapshot: 'running stopped frozen starting stopping error unknown',
  restore: 'running stopped frozen starting stopping error unknown',
  deleteSnapshot: 'running stopped frozen starting stopping error unknown',
  configure: 'running stopped frozen starting stopping error unknown',
  rename: 'stopped error unknown',
  move: 'running stopped frozen starting stopping error unknown',
  copy: 'running stopped frozen starting stopping error unknown',
  export: 'running stopped frozen starting stopping error unknown',
  delete: 'pending running stopped frozen starting stopping error unknown missing',
  claim: '',
  edit: 'pending running stopped frozen starting stopping error unknown missing',
};
const ACTIONS = Object.keys(OFFERED) as InstanceAction[];

describe('why an action on an instance is not possible', () => {
  it('offers each action in exactly the states where it makes sense', () => {
    for (const action of ACTIONS) {
      const offered = InstanceStatus.options.filter((status) => ask(action, { status }) === null);
      assert.deepEqual(offered.sort(), OFFERED[action].split(' ').filter(Boolean).sort(), action);
    }
  });

  it('gives a reason to each action that the token does not permit, before any other', () => {
    for (const action of ACTIONS) {
      const reason = whyNotInstance(action, facts({ status: 'missing', permissions: ['instances:read'] }));
      assert.match(reason ?? '', /instances:(operate|write|delete)/, action);
    }
    assert.equal(whyNotPermitted('hosts:write', ['hosts:read']), t.whyNot.permission('hosts:write'));
  });

  it('leaves what nobody has claimed alone, but lets it be claimed, copied and exported', () => {
    const open = ACTIONS.filter((action) => ask(action, { claimed: false }) === null);
    assert.deepEqual(open.sort(), ['claim', 'copy', 'edit', 'export']);
  });

  it('keeps maintenance, protection and a running operation apart', () => {
    assert.equal(ask('start', { status: 'stopped', hostMaintenance: true }), t.whyNot.maintenance);
    assert.equal(ask('stop', { hostMaintenance: true }), null);
    assert.equal(ask('move', { hostMaintenance: true }), null);
    assert.equal(ask('delete', { protected: true }), t.whyNot.protected);
    assert.equal(ask('stop', { operationId: 'x' }), t.whyNot.busy);
    assert.equal(ask('edit', { operationId: 'x' }), null);
  });

  it('lets a missing instance be forgotten also in maintenance', () => {
    assert.equal(ask('delete', { status: 'missing', hostMaintenance: true }), null);
    assert.equal(ask('stop', { status: 'missing' }), t.whyNot.missing);
  });
});
