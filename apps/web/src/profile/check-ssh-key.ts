import { SshKeyType } from '@longshore/contract';

/** What is wrong with a pasted key. */
export type KeyFault = 'empty' | 'private' | 'lines' | 'options' | 'type' | 'broken';

/** What can be said of a pasted public key while it is typed; null: it looks right, and the server looks closer. */
export function checkSshKey(text: string): KeyFault | null {
  const line = text.trim();
  if (line === '') return 'empty';
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^PuTTY-User-Key-File/.test(line)) return 'private';
  if (/[\r\n]/.test(line)) return 'lines';
  const [type = '', data = ''] = line.split(/\s+/);
  const known = SshKeyType.options.find((each) => each === type);
  if (known === undefined) {
    return SshKeyType.options.some((each) => line.includes(` ${each} `)) ? 'options' : 'type';
  }
  return namedInside(data) === known ? null : 'broken';
}

/** The type that a key's own bytes begin with: a length of four bytes, and the name (RFC 4253, 6.6). */
function namedInside(data: string): string | null {
  if (!/^[A-Za-z0-9+/]{20,}={0,2}$/.test(data) || data.length % 4 !== 0) return null;
  const bytes = atob(data);
  const length = bytes.charCodeAt(3);
  return bytes.length > 4 + length ? bytes.slice(4, 4 + length) : null;
}
