import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Bulk, PERMISSIONS } from '@longshore/contract';
import { madeInstance } from '../testing/made-instance.ts';
import { t } from '../texts/texts.ts';
import { bulkBody, bulkChoices } from './bulk-choices.ts';

const id = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;
const row = (digit: number, over: Parameters<typeof madeInstance>[0] = {}) => ({
  ...madeInstance({ id: id(digit), ...over }),
  hostName: 'a',
  projectName: null,
  hostMaintenance: false,
  permissions: PERMISSIONS,
});

describe('actions on many', () => {
  it('acts on those whose state allows it, and says how many it leaves out and why', () => {
    const choices = bulkChoices([row(1), row(2, { status: 'stopped' }), row(3, { claimed: false })]);
    const start = choices.find(({ verb }) => verb === 'start');
    assert.deepEqual(start?.ids, [id(2)]);
    assert.deepEqual(
      [...(start?.leftOut ?? [])],
      [
        [t.whyNot.runs, 1],
        [t.whyNot.unclaimed, 1],
      ],
    );
    assert.deepEqual(choices.find(({ verb }) => verb === 'stop')?.ids, [id(1)]);
  });

  it('writes requests that the API takes, and forces only what can be forced', () => {
    for (const choice of bulkChoices([row(1), row(2, { status: 'stopped' }), row(3, { status: 'frozen' })])) {
      const body = Bulk.parse(bulkBody(choice, { force: true, snapshot: 'before', host: 'north' }));
      assert.deepEqual(body.instances, choice.ids, choice.verb);
      if (choice.verb === 'start')
        assert.deepEqual(body.action, {
          do: 'power',
          power: { action: 'start', force: false, timeoutSeconds: 60 },
        });
    }
  });
});
