import { LineCounter, parseDocument } from 'yaml';
import { t } from '../texts/texts.ts';

/** The most that the server takes of one text (contract: `cloudInit`, `InstanceConfig`). Characters. */
export const MOST_CHARACTERS = 1_048_576;

/** What is wrong with a YAML text, with its line; null when it can be read. An alias bomb is not expanded for this. */
export function checkYaml(text: string): string | null {
  // Reading so much would hold the page for seconds with each key, and the server would refuse it.
  if (text.length > MOST_CHARACTERS) return t.create.tooLong(text.length, MOST_CHARACTERS);
  const lines = new LineCounter();
  const [error] = parseDocument(text, { lineCounter: lines, prettyErrors: false }).errors;
  if (error === undefined) return null;
  const { line, col } = lines.linePos(error.pos[0]);
  return `${line}:${col} ${error.message}`;
}

/** What is wrong with user data for cloud-init: it must say what it is, and be YAML where it says so. */
export function checkUserData(text: string): string | null {
  if (text.length > MOST_CHARACTERS) return t.create.tooLong(text.length, MOST_CHARACTERS);
  if (text.trim() === '') return null;
  const first = text.slice(0, text.indexOf('\n') === -1 ? text.length : text.indexOf('\n')).trim();
  if (first === '#cloud-config') return checkYaml(text);
  const known =
    /^(#!|#include|#cloud-config-archive|#cloud-boothook|#part-handler|## template: |Content-Type:|MIME-Version:)/i;
  return known.test(first) ? null : '1:1 #cloud-config';
}
