import { readContexts } from '../contexts.ts';
import { instanceHandle, instanceRows } from '../naming/find-instances.ts';
import type { Run } from '../run.ts';
import type { Kind } from './complete-words.ts';

const PATIENCE_MS = 1500; // longer than that nobody waits for a Tab key
const MOST = 500; // a longer list helps nobody to choose

/** The names of a kind for completion. Never fails: a prompt is no place for errors. */
export async function knownNames(run: Run, kind: Kind): Promise<readonly string[]> {
  try {
    return await lookUp(run, kind, AbortSignal.any([run.signal, AbortSignal.timeout(PATIENCE_MS)]));
  } catch {
    return []; // no server, no token, too slow: then there is nothing to offer
  }
}

async function lookUp(run: Run, kind: Kind, signal: AbortSignal): Promise<readonly string[]> {
  const query = { limit: MOST };
  switch (kind) {
    case 'context':
      return Object.keys((await readContexts(run.io.env)).contexts);
    case 'host':
      return (await run.call('listHosts', { query, signal })).value.items.map((host) => host.name);
    case 'instance': {
      const rows = instanceRows([(await run.call('listInstances', { query, signal })).value]);
      return rows.map(instanceHandle(rows));
    }
    case 'image': {
      const { items } = (await run.call('listImages', { query, signal })).value;
      const aliases = items.flatMap((image) => image.hosts.flatMap((host) => host.aliases));
      return [...new Set(aliases)];
    }
    case 'operation': {
      const { items } = (await run.call('listOperations', { query: { limit: 50 }, signal })).value;
      return items.map((operation) => operation.id);
    }
    case 'token':
      return (await run.call('listTokens', { signal })).value.items.map((token) => token.name);
  }
}
