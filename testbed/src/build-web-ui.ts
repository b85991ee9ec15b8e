import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BUILD = fileURLToPath(new URL('../../tools/src/build-ui.ts', import.meta.url));

/** Builds the browser UI where its build is missing or older than its sources. The server looks for it when it starts. */
export async function buildWebUi(): Promise<void> {
  await promisify(execFile)(process.execPath, [BUILD, '--if-needed']);
}
