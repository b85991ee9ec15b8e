import { type CreationForm, EMPTY_FORM } from './creation-form.ts';

/** In memory only: a form may hold passwords in its user data, which do not belong on a disk. */
let draft: CreationForm = EMPTY_FORM;

/** What was typed and not sent, so that a way round over another page costs nothing. */
export function readDraft(): CreationForm {
  return draft;
}

/** Keeps what was typed for as long as the tab stands. */
export function keepDraft(form: CreationForm): void {
  draft = form;
}

/** Forgets it: the instance is being made. */
export function clearDraft(): void {
  draft = EMPTY_FORM;
}
