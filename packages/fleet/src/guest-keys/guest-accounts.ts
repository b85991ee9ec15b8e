/** An account as the guest's /etc/passwd tells of it (passwd(5)). */
export type GuestAccount = Readonly<{ name: string; uid: number; gid: number; home: string }>;

/** Default users of images that we know, the likeliest first (cloud-init's `default_user`, and what vendors document). */
const DEFAULT_USERS = [
  'debian',
  'ubuntu',
  'fedora',
  'almalinux',
  'rocky',
  'centos',
  'opensuse',
  'arch',
  'alpine',
  'amazon',
  'ec2-user',
  'cloud-user',
  'core',
  'admin',
];
const NAME = /^[a-z_][a-z0-9_.-]{0,31}$/;
const MAX_ID = 4_294_967_294;

/** The accounts in /etc/passwd by name. What is no entry is left out: guests write what they like. */
export function parsePasswd(text: string): ReadonlyMap<string, GuestAccount> {
  const accounts = new Map<string, GuestAccount>();
  for (const line of text.split('\n')) {
    const [name = '', , uid = '', gid = '', , home = ''] = line.split(':');
    if (!NAME.test(name) || accounts.has(name) || !home.startsWith('/') || home.includes('\0')) continue;
    if (!/^\d{1,10}$/.test(uid) || !/^\d{1,10}$/.test(gid)) continue;
    if (Number(uid) > MAX_ID || Number(gid) > MAX_ID) continue;
    accounts.set(name, { name, uid: Number(uid), gid: Number(gid), home });
  }
  return accounts;
}

/**
 * Which accounts shall have the keys: those that were set, else root and the default user of the image. That one is told
 * by the image or the instance (`user.longshore.login_user`, `image.login_user`), or is the first known one that there is.
 *
 * @returns `sure`: false when a default user may still come (cloud-init makes it after the first start)
 */
export function chooseUsers(
  set: readonly string[] | null,
  config: Readonly<Record<string, string>>,
  accounts: ReadonlyMap<string, GuestAccount>,
): Readonly<{ users: readonly string[]; sure: boolean }> {
  if (set !== null) return { users: [...new Set(set)], sure: set.every((name) => accounts.has(name)) };
  const told = config['user.longshore.login_user'] ?? config['image.login_user'];
  if (told !== undefined && NAME.test(told)) {
    return { users: [...new Set(['root', told])], sure: accounts.has(told) };
  }
  const found = DEFAULT_USERS.find((name) => accounts.has(name));
  return found === undefined ? { users: ['root'], sure: false } : { users: ['root', found], sure: true };
}
