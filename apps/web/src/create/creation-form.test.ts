import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InstanceCreation } from '@longshore/contract';
import { fieldErrors } from '../parts/field-errors.ts';
import { bodyOf, EMPTY_FORM, formError } from './creation-form.ts';

describe('the form of a new instance', () => {
  it('leaves out what was left empty', () => {
    assert.deepEqual(bodyOf({ ...EMPTY_FORM, name: 'web1', image: 'debian/13' }), {
      name: 'web1',
      source: { image: 'debian/13' },
    });
  });

  it('makes a request that the contract takes out of every choice', () => {
    const body = bodyOf({
      name: 'db1',
      type: 'virtual-machine',
      image: '24.04',
      server: 'https://images.example/releases',
      protocol: 'simplestreams',
      placement: { by: 'labels', host: '', tags: ['site=north'] },
      cpu: '2',
      memory: '2GiB',
      disk: '10GiB',
      profiles: ['default', 'db'],
      userData: '#cloud-config\n',
      tags: ['env=test'],
      description: 'a database',
      project: 'shop',
      lxdProject: 'lab',
      ephemeral: true,
      protected: true,
      start: false,
    });
    const parsed = InstanceCreation.parse(body);
    assert.deepEqual(
      [parsed.placement, parsed.limits, parsed.start],
      [{ labels: { site: 'north' } }, { cpu: '2', memory: '2GiB', disk: '10GiB' }, false],
    );
    assert.equal(formError(body, ''), null);
  });

  it('finds faults at their field before the server is asked', () => {
    const errors = fieldErrors(formError(bodyOf({ ...EMPTY_FORM, name: '1bad', memory: 'much' }), 'no'));
    assert.match(errors.at('name') ?? '', /start with a letter/);
    assert.match(errors.at('limits.memory') ?? '', /512MiB/);
    assert.ok(errors.at('source.image'));
  });
});
