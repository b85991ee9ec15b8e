import { setTimeout as pause } from 'node:timers/promises';
import { type Client, waitForOperation } from '@longshore/contract';

/** Enrols hosts by token, a few beside each other as an administrator's script would, and returns the milliseconds taken. */
export async function enrolAll(
  client: Client,
  hosts: readonly { name: string; url: string; token: string }[],
  signal: AbortSignal,
  beside = 16,
): Promise<number> {
  const started = performance.now();
  const queue = [...hosts];
  const enrolSome = async () => {
    for (let host = queue.shift(); host !== undefined; host = queue.shift()) {
      const { name, url, token } = host;
      const { value } = await client.call('enrolHost', {
        body: { name, access: { by: 'token', token, url } },
        signal,
      });
      await waitForOperation(client, value.operation.id, { signal });
    }
  };
  await Promise.all(Array.from({ length: beside }, enrolSome));
  return performance.now() - started;
}

/** Waits until the fleet has so many instances and returns the milliseconds waited. */
export async function untilInstances(
  client: Client,
  count: number,
  limitMs: number,
  signal: AbortSignal,
): Promise<number> {
  const started = performance.now();
  while (performance.now() - started < limitMs) {
    let total = 0;
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const { value } = await client.call('listHosts', {
        query: { limit: 10_000, ...(cursor === undefined ? {} : { cursor }) },
        signal,
      });
      total += value.items.reduce((sum, host) => sum + host.instances.total, 0);
      cursor = value.next;
    }
    if (total >= count) return performance.now() - started;
    // Looking at a thousand hosts costs as much as reading some of them: look seldom.
    await pause(count > 20_000 ? 3000 : 250, undefined, { signal });
  }
  throw new Error(`the fleet did not show ${count} instances within ${limitMs / 1000} s`);
}
