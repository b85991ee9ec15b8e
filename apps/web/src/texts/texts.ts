import { en } from './en.ts';

/** All texts of the pages. A second language is a second object of this type. */
export type Texts = typeof en;

/** The texts in the chosen language; English is the only one yet. */
export const t: Texts = en;
