import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IconBox } from '@tabler/icons-react';
import { findItems, type Group, type PaletteItem } from './find-items.ts';

const item = (group: Group, label: string, rest: Partial<PaletteItem> = {}): PaletteItem => ({
  id: label,
  group,
  label,
  icon: IconBox,
  reason: null,
  run: () => undefined,
  ...rest,
});
const labels = (items: readonly PaletteItem[], typed: string) =>
  findItems(items, typed).map(({ label }) => label);

describe('the palette', () => {
  it('finds each typed word, in label, description and keywords, the beginning first', () => {
    const items = [
      item('instances', 'my-web', { description: 'north' }),
      item('instances', 'web1', { description: 'north' }),
      item('hosts', 'north', { keywords: 'site=web' }),
    ];
    assert.deepEqual(labels(items, 'web'), ['web1', 'my-web', 'north']);
    assert.deepEqual(labels(items, 'WEB1 nor'), ['web1']);
    assert.deepEqual(labels(items, 'nothing'), []);
  });

  it('shows without a word what can be done and where one can go, and not ten thousand instances', () => {
    const items = [
      item('instances', 'web1'),
      item('pages', 'Hosts'),
      item('selection', 'Stop web1', { reason: 'It does not run.' }),
      item('selection', 'Start web1'),
    ];
    assert.deepEqual(labels(items, ''), ['Start web1', 'Stop web1', 'Hosts']);
  });
});
