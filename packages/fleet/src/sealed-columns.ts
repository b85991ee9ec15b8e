import type { SealedColumn } from '@longshore/store';
import { INSTALLATION_KEY_CONTEXT } from './installation/installation.ts';
import { secretsContext } from './operations/accept.ts';

/** Every column of this room that holds sealed values, for the rotation of keys. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'installation', column: 'client_key_sealed', contextOf: () => INSTALLATION_KEY_CONTEXT },
  { table: 'operations', column: 'input_sealed', contextOf: secretsContext },
];
