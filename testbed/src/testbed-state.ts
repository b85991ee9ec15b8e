import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BASE_DIR, testbedDir } from './layout.ts';
import { processIdentitySchema } from './process-identity.ts';

const stateSchema = z.object({
  name: z.string(),
  slot: z.number().int(),
  /** null: belongs to no process (brought up from a shell, or its disks were kept); only a `close` ends it. */
  owner: processIdentitySchema.nullable(),
  /** Kind of each host, host1 first. */
  kinds: z.array(z.enum(['lxd', 'incus'])),
  storage: z.enum(['dir', 'btrfs']),
  trust: z.boolean(),
});

/** What a testbed is, on disk, so that any process can take hold of it or sweep it. */
export type TestbedState = Readonly<z.infer<typeof stateSchema>>;
export type HostKind = TestbedState['kinds'][number];

/** The state of one testbed; undefined when there is none, or nothing that can be read as one. */
export async function readState(name: string): Promise<TestbedState | undefined> {
  let text: string;
  try {
    text = await readFile(join(testbedDir(name), 'testbed.json'), 'utf8');
  } catch {
    // No testbed of this name.
    return undefined;
  }
  return parseState(text);
}

function parseState(text: string): TestbedState | undefined {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    // Cut short by a power cut, or of another version: callers treat the folder as a dead testbed.
    return undefined;
  }
}

/** Writes the state so that a reader sees the old or the new one, never half of it. */
export async function writeState(state: TestbedState): Promise<void> {
  const dir = testbedDir(state.name);
  // 711: the unprivileged roots of containers must pass through, and need not look around.
  await mkdir(BASE_DIR, { recursive: true, mode: 0o711 });
  await mkdir(dir, { recursive: true, mode: 0o711 });
  const path = join(dir, 'testbed.json');
  await writeFile(`${path}.new`, JSON.stringify(state, null, 2));
  await rename(`${path}.new`, path);
}

/** Every testbed folder of this machine, with its state where that can be read. */
export async function listStates(): Promise<
  readonly { readonly name: string; readonly state: TestbedState | undefined }[]
> {
  let names: string[];
  try {
    names = (await readdir(BASE_DIR, { withFileTypes: true }))
      .filter((e) => e.isDirectory())
      .map((e) => e.name);
  } catch {
    // No base folder: no testbed was ever up.
    return [];
  }
  return Promise.all(names.map(async (name) => ({ name, state: await readState(name) })));
}
