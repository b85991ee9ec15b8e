import { LongshoreError } from '@longshore/contract';
import type { ServerInfo } from '@longshore/lxd';
import { isOlder } from './version-warnings.ts';

/** What no call of ours can do without; LXD 4.0 has them all, and every Incus. */
const NEEDED_EXTENSIONS = ['container_full', 'projects', 'instances'] as const;
const OLDEST_LXD = '4.0';

/**
 * Whether we can work with the server at all. A stranger is told only the extensions, a trusted client the version too.
 * @throws LongshoreError `server-too-old`
 */
export function checkCompatible(info: ServerInfo, name: string): void {
  const missing = NEEDED_EXTENSIONS.filter((extension) => !info.apiExtensions.has(extension));
  const old = info.serverKind === 'lxd' && info.version !== '' && isOlder(info.version, OLDEST_LXD);
  if (info.apiVersion === '1.0' && missing.length === 0 && !old) return;
  const what = info.version === '' ? `API ${info.apiVersion}` : `version ${info.version}`;
  throw new LongshoreError(
    'server-too-old',
    `The server ${name} (${what}) is too old${missing.length > 0 ? `: it lacks ${missing.join(', ')}` : ''}.`,
    { hint: `Update it to LXD ${OLDEST_LXD} or later, or to Incus.` },
  );
}

/**
 * Whether a host of the fleet can be worked with now.
 * @throws LongshoreError `server-too-old`, `trust-missing`
 */
export function checkServer(info: ServerInfo, name: string): void {
  checkCompatible(info, name);
  if (info.auth === 'trusted') return;
  throw new LongshoreError('trust-missing', `Host ${name} does not trust Longshore any more.`, {
    hint: 'Add the certificate that `longshore server show` prints to the trust store of the host.',
  });
}
