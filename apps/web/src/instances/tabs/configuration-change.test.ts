import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configurationChange, devicesChange, editableOf } from './configuration-change.ts';
import { readDevices, readEditable, toYaml } from './editable-yaml.ts';

const before = editableOf({
  description: 'old',
  profiles: ['default'],
  config: { 'limits.cpu': '2', 'user.a': 'x', 'volatile.uuid': 'u', 'image.os': 'Debian' },
});

describe('changing the configuration', () => {
  it('leaves out what belongs to the host, and reads back what it wrote', () => {
    assert.deepEqual(Object.keys(before.config), ['limits.cpu', 'user.a']);
    assert.deepEqual(readEditable(toYaml(before)).value, before);
    assert.equal(configurationChange(before, before), null);
  });

  it('sends only what differs, and null for what is to go', () => {
    const { value } = readEditable(
      'description: old\nprofiles: [default, web]\nconfig:\n  limits.cpu: 4\n  security.nesting: true\n',
    );
    assert.ok(value);
    assert.deepEqual(configurationChange(before, value), {
      profiles: ['default', 'web'],
      config: { 'limits.cpu': '4', 'security.nesting': 'true', 'user.a': null },
    });
  });

  it('says what is wrong with a text', () => {
    for (const text of ['config: [', '- a', 'config: {a: {b: 1}}', 'profiles: web', 'colour: red'])
      assert.ok(readEditable(text).error, text);
  });

  it('sends a changed device whole', () => {
    const { value } = readDevices(
      'root:\n  type: disk\n  path: /\nweb:\n  type: proxy\n  listen: tcp:0.0.0.0:80\n',
    );
    assert.ok(value);
    assert.deepEqual(devicesChange({ root: { path: '/', type: 'disk' }, old: { type: 'none' } }, value), {
      devices: { web: { type: 'proxy', listen: 'tcp:0.0.0.0:80' }, old: null },
    });
    assert.ok(readDevices('root: disk').error);
  });
});
