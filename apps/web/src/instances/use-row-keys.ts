import { useHotkeys } from '@mantine/hooks';
import { type RefObject, useRef } from 'react';
import type { InstanceRow } from './match-filter.ts';

/** Frames to wait for a row to be drawn after it was scrolled to. */
const MOST_FRAMES = 30;

/** `aria-rowindex` counts from one, and the head is the first. */
const ROW_OFFSET = 2;

/**
 * `j` and `k` move the focus from row to row, `x` chooses the row; Enter follows its link as it always does. The focus itself
 * is the cursor: a reader of the screen follows it, and nothing is drawn anew.
 */
export function useRowKeys({
  scroller,
  rows,
  scrollTo,
  toggle,
}: Readonly<{
  scroller: RefObject<HTMLElement | null>;
  rows: readonly InstanceRow[];
  scrollTo: (index: number) => void;
  toggle: (id: string) => void;
}>): void {
  const last = useRef(-1);
  const current = () => {
    const row = document.activeElement?.closest('tr[aria-rowindex]');
    return row != null && scroller.current?.contains(row) === true
      ? Number(row.getAttribute('aria-rowindex')) - ROW_OFFSET
      : null;
  };
  const focus = (index: number, frames = MOST_FRAMES) => {
    const link = scroller.current?.querySelector<HTMLElement>(
      `tr[aria-rowindex="${index + ROW_OFFSET}"] a[href]`,
    );
    if (link != null) link.focus({ preventScroll: true });
    else if (frames > 0) requestAnimationFrame(() => focus(index, frames - 1));
  };
  const move = (by: number) => {
    const index = Math.min(rows.length - 1, Math.max(0, (current() ?? last.current) + by));
    last.current = index;
    scrollTo(index);
    focus(index);
  };
  useHotkeys([
    ['j', () => move(1)],
    ['k', () => move(-1)],
    [
      'x',
      () => {
        const row = rows[current() ?? last.current];
        if (row !== undefined) toggle(row.id);
      },
    ],
  ]);
}
