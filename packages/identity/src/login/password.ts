import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { LongshoreError } from '@longshore/contract';

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** At once: each takes 19 MiB and one of Node's four helper threads, which files and names need as well. */
const MAX_RUNNING = 2;
/** Waiting at most: some two seconds of work. More is a flood. */
const MAX_WAITING = 60;

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const derive = promisify(argon2);
let running = 0;
const waiting: (() => void)[] = [];

/** One after the other, or two: a flood of logins must not take the memory of the machine. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MAX_RUNNING) {
    if (waiting.length >= MAX_WAITING) {
      throw new LongshoreError('too-many-requests', 'Too many logins are being checked.', {
        hint: 'Try again in a few seconds.',
      });
    }
    // Whoever ends hands its place over, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

/**
 * The PHC string to keep in place of a password (argon2id).
 * @throws LongshoreError `too-many-requests` when too many wait
 */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_BYTES);
  const hash = await inTurn(() =>
    derive('argon2id', {
      message: normalized(password),
      nonce,
      parallelism: LANES,
      tagLength: HASH_BYTES,
      memory: MEMORY_KIB,
      passes: PASSES,
    }),
  );
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(nonce)}$${base64(hash)}`;
}

/** What a password is compared with where there is none, so that an unknown account takes as long as a known one. */
const NOBODYS = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(Buffer.alloc(SALT_BYTES, 7))}$${base64(Buffer.alloc(HASH_BYTES))}`;

/**
 * Whether a password is the one that a PHC string was made of; false, after the same work, where there is none.
 * @throws LongshoreError `too-many-requests` when too many wait
 */
export async function passwordMatches(password: string, phc: string | null): Promise<boolean> {
  const [, memory, passes, parallelism, salt, expected] = PHC.exec(phc ?? NOBODYS) ?? [];
  if (salt === undefined || expected === undefined)
    throw new TypeError('A kept password hash is not argon2id.');
  const kept = Buffer.from(expected, 'base64');
  const hash = await inTurn(() =>
    derive('argon2id', {
      message: normalized(password),
      nonce: Buffer.from(salt, 'base64'),
      parallelism: Number(parallelism),
      tagLength: kept.length,
      memory: Number(memory),
      passes: Number(passes),
    }),
  );
  return timingSafeEqual(hash, kept) && phc !== null;
}

/** One password in two keyboards' forms is one password (NIST SP 800-63B, 3.1.1.2). */
function normalized(password: string): string {
  return password.normalize('NFKC');
}

/** Without padding, as PHC strings want it. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
