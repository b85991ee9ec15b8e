import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { SshHostKeyType } from '@longshore/contract';
import { type HostKey, hostKeyOf } from './openssh-key.ts';

const generate = promisify(generateKeyPair);

/** What every client of the last ten years takes: the first where it knows Ed25519, else the second. */
export const USUAL_TYPES: readonly SshHostKeyType[] = ['ed25519', 'ecdsa'];

/** Makes host keys, one of each type. */
export function makeHostKeys(types: readonly SshHostKeyType[]): Promise<readonly HostKey[]> {
  return Promise.all([...new Set(types)].map(async (type) => hostKeyOf(await makeOne(type))));
}

async function makeOne(type: SshHostKeyType): Promise<KeyObject> {
  switch (type) {
    case 'ed25519':
      return (await generate('ed25519')).privateKey;
    case 'ecdsa':
      return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
    case 'rsa':
      return (await generate('rsa', { modulusLength: 3072 })).privateKey;
  }
}
