import { randomUUID } from 'node:crypto';

/** A key that makes a request safe to repeat: what stands in between may send it twice. */
export function newKey(): string {
  return randomUUID();
}
