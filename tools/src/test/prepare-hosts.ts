import { canRunHosts, installHostPackages, sweepTestbeds } from '@longshore/testbed';

/** Installs what real hosts need (Debian packages by name), removes what a killed run has left, or says why not. */
export async function prepareHosts(): Promise<{ ok: true } | { ok: false; reason: string }> {
  const log = (line: string) => void process.stdout.write(`   ${line}\n`);
  try {
    await installHostPackages({ incus: true, log });
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
  const able = canRunHosts();
  if (able.ok) await sweepTestbeds();
  return able;
}
