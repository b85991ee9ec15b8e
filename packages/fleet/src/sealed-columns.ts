import type { SealedColumn } from '@longshore/store';
import { hostKeyContext } from './host-keys/host-keys-rows.ts';
import { INSTALLATION_KEY_CONTEXT } from './installation/installation.ts';
import { secretsContext } from './operations/accept.ts';

/** Every column of this room that holds sealed values, for the rotation of keys. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'installation', column: 'client_key_sealed', contextOf: () => INSTALLATION_KEY_CONTEXT },
  { table: 'ssh_host_keys', column: 'private_sealed', contextOf: hostKeyContext },
  { table: 'operations', column: 'input_sealed', contextOf: secretsContext },
];
