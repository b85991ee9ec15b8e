import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { systemCodeOf } from '../store-error.ts';

/** Enough for the server and a hundred clones at once. */
const roomNeededBytes = 2 * 1024 ** 3;

/** Memory where there is plenty of it: a clone makes 300 files, which takes 230 ms on ext4 and 15 ms there. */
export async function fastFolder(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs('/dev/shm');
    await access('/dev/shm', constants.W_OK);
    if (bavail * bsize > roomNeededBytes) return '/dev/shm';
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error; // no such folder here: the usual one then
  }
  return tmpdir();
}
