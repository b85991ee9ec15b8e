import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Project } from '@longshore/contract';
import { changesOf, EMPTY_FORM, formOf, projectOf } from './project-form.ts';

const project = Project.parse({
  id: '018f2f6e-0000-7000-8000-000000000001',
  name: 'lab',
  description: 'Experiments',
  quota: { instances: 20, cpu: null, memoryBytes: 1.5 * 1024 ** 3, diskBytes: 0 },
  use: { instances: 0, cpu: 0, memoryBytes: 0, diskBytes: 0, unlimited: 0 },
  defaultLifetimeDays: null,
  maxLifetimeDays: 90,
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'ada',
  revision: 1,
});

describe('the form of a project', () => {
  it('comes back as it was', () => {
    const form = formOf(project);
    assert.deepEqual([form.memoryGib, form.cpu, form.diskGib, form.maxDays], ['1.5', '', '0', '90']);
    assert.deepEqual(projectOf(form).quota, project.quota);
    assert.deepEqual(changesOf(form, project), {});
  });

  it('asks for no limit where nothing is entered, and for none at all by a zero', () => {
    assert.deepEqual(projectOf({ ...EMPTY_FORM, name: ' web ', instances: '0' }).quota, {
      instances: 0,
      cpu: null,
      memoryBytes: null,
      diskBytes: null,
    });
  });

  it('changes only what was changed', () => {
    assert.deepEqual(changesOf({ ...formOf(project), maxDays: '' }, project), { maxLifetimeDays: null });
  });
});
