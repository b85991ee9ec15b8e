import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { APT, proxyVariables } from './host-packages.ts';
import { runCommand, SYSTEM_PATH } from './run-command.ts';
import { TestbedError } from './testbed-error.ts';

/** Name servers and clients of others, by Debian's package. */
const TOOLS = {
  'bind9-dnsutils': 'dig',
  knot: 'knotd',
  nsd: 'nsd',
  dnsperf: 'dnsperf',
  'pdns-server': 'pdns_server',
  'pdns-backend-bind': 'pdns_server',
} as const;

/** A Debian package of {@link installDnsTools}. */
export type DnsTool = keyof typeof TOOLS;

/** Asked by Debian's maintainer scripts before they start a service (invoke-rc.d(8)); 101: it may not. */
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs tools by apt where this machine lacks them. The name servers among them are not started: a test runs its own.
 * Throws `missing-packages` naming what to install by hand.
 */
export async function installDnsTools(tools: readonly DnsTool[], signal?: AbortSignal): Promise<void> {
  const missing = tools.filter(
    (tool) => !SYSTEM_PATH.split(':').some((dir) => existsSync(join(dir, TOOLS[tool]))),
  );
  if (missing.length === 0) return;
  const holdsServices = !existsSync(POLICY);
  try {
    if (holdsServices) await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    const env = { DEBIAN_FRONTEND: 'noninteractive', ...proxyVariables() };
    await runCommand([...APT, 'update'], { env, signal });
    await runCommand([...APT, 'install', ...missing], { env, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new TestbedError(
      'missing-packages',
      `these tests of DNS need ${missing.join(', ')} (Debian's names); apt could not install them`,
      { cause: error },
    );
  } finally {
    if (holdsServices) await rm(POLICY, { force: true });
  }
}
