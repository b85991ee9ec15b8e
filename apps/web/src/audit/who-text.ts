import type { AuditEntry } from '@longshore/contract';
import { t } from '../texts/texts.ts';

/** Who asked, in words; those without a name by their kind. */
export function whoText({ who }: AuditEntry): string {
  return who.kind === 'person' ? who.name : `${t.audit.kinds[who.kind]} ${who.name}`.trim();
}
