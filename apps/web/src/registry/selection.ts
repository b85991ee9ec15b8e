import { useEffect, useSyncExternalStore } from 'react';
import type { BulkChoice, BulkVerb } from '../instances/bulk-choices.ts';
import type { InstanceFacts } from '../permissions/why-not.ts';

/** What the page in front has chosen: what the palette acts on. */
export type Selection =
  | Readonly<{ kind: 'none' }>
  | Readonly<{
      kind: 'one';
      instance: Readonly<{ id: string; name: string }>;
      facts: InstanceFacts;
    }>
  | Readonly<{
      kind: 'many';
      count: number;
      choices: readonly BulkChoice[];
      ask(verb: BulkVerb): void;
    }>;

const NONE: Selection = { kind: 'none' };

let layers: readonly Selection[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Selection[]): void {
  layers = next;
  for (const listener of listeners) listener();
}

/** Adds a selection before those there are; the returned function takes it away again. */
export function addSelection(selection: Selection): () => void {
  change([...layers, selection]);
  return () => change(layers.filter((layer) => layer !== selection));
}

/** What is chosen in front of all: the last one added. */
export function currentSelection(): Selection {
  return layers.at(-1) ?? NONE;
}

/** Declares what a part of a page has chosen, for as long as it is shown. Null: nothing. Has to be memoised. */
export function useDeclareSelection(selection: Selection | null): void {
  useEffect(() => (selection === null ? undefined : addSelection(selection)), [selection]);
}

export function useSelection(): Selection {
  return useSyncExternalStore(subscribe, currentSelection);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
