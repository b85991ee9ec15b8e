import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkUserData, checkYaml } from './check-yaml.ts';
import { labelsOfTags, tagsOfLabels } from './label-tags.ts';

describe('checking what is typed', () => {
  it('finds the line of a fault in YAML', () => {
    assert.equal(checkYaml('a: 1\nb: [2, 3]\n'), null);
    assert.match(checkYaml('a: 1\nb: [2, 3\nc: 4') ?? '', /^[23]:\d+ /);
  });

  it('knows user data by its first line', () => {
    assert.equal(checkUserData(''), null);
    assert.equal(checkUserData('#cloud-config\npackages: [vim]\n'), null);
    assert.equal(checkUserData('#!/bin/sh\necho: [ not yaml\n'), null);
    assert.match(checkUserData('#cloud-config\npackages: [vim\n') ?? '', /:/);
    assert.match(checkUserData('packages: [vim]\n') ?? '', /#cloud-config/);
  });

  it('refuses what the server would refuse for its length, without reading it', () => {
    const long = `#cloud-config\n${'x'.repeat(10_000_000)}`;
    assert.match(checkUserData(long) ?? '', /10,000,014/);
    assert.match(checkYaml(long) ?? '', /1,048,576/);
  });

  it('reads and writes labels', () => {
    assert.deepEqual(labelsOfTags(['env=a=b', 'bare']), { labels: { env: 'a=b', bare: '' }, error: null });
    assert.deepEqual(tagsOfLabels({ env: 'a=b', bare: '' }), ['bare', 'env=a=b']);
    assert.match(labelsOfTags(['UPPER=1']).error ?? '', /lower-case/);
  });
});
