import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { loadPage } from '../app/load-page.ts';

/** A part of a page that is loaded when it is first drawn: `lazyTab(() => import('./X.tsx'), 'X')`. */
export function lazyTab<Name extends string, Props extends object>(
  load: () => Promise<Readonly<Record<Name, ComponentType<Props>>>>,
  name: Name,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => ({ default: (await loadPage(load))[name] }));
}
