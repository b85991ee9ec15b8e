import type { TestHost } from '@longshore/testbed';
import { z } from 'zod';

const Listed = z.array(
  z.object({ name: z.string(), status: z.string(), config: z.record(z.string(), z.string()) }),
);

/** What the host itself says it has in its default project, by its own client. */
export async function instancesOnHost(host: TestHost): Promise<z.infer<typeof Listed>> {
  return Listed.parse(JSON.parse(await host.cli(['list', '--format', 'json'])));
}
