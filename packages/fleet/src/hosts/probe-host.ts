import type { HostProbe } from '@longshore/contract';
import { z } from 'zod';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { defineHandler } from '../operations/handler.ts';
import { serverIdentity } from '../sync/read-host-facts.ts';
import { enrolledAs } from './already-enrolled.ts';
import { checkCompatible } from './check-server.ts';
import { look, normalUrl } from './find-server.ts';
import { openClient } from './host-connections.ts';

const ProbeInput = z.object({ url: z.string() });

/** Accepts a look at a server. @throws LongshoreError `bad-request` for what is no https address */
export function probeHost(
  context: FleetContext,
  input: { readonly url: string },
  requester: Requester,
): Promise<Accepted> {
  const url = normalUrl(input.url);
  return acceptOnce(context, requester, async (trx) => ({
    operation: await accept(context, trx, {
      action: 'host.probe',
      target: { kind: 'host', id: null, name: url },
      hostId: null,
      input: { url },
      requester,
    }),
  }));
}

/** Sees a server's certificate, and asks it `GET /1.0` and nothing else. The result is a HostProbe. */
export const probeHostHandler = defineHandler<z.infer<typeof ProbeInput>>({
  action: 'host.probe',
  input: ProbeInput,
  async run(op) {
    const { context, input, signal } = op;
    const { url, fingerprint } = await op.step('Look at the certificate', () => look(input.url, signal));
    const { certificatePem: cert, keyPem: key } = await context.installation();
    const client = openClient({ kind: 'https', url, fingerprint, clientCertificate: { cert, key } });
    try {
      const info = await op.step('Ask what it is', () => client.server.get({ signal }));
      checkCompatible(info, url);
      const known = await enrolledAs(context.store.db, {
        url,
        fingerprint,
        serverUuid: serverIdentity(info),
      });
      return {
        url,
        fingerprint,
        kind: info.serverKind,
        version: info.version || null,
        trusted: info.auth === 'trusted',
        // Trust passwords went with LXD 6.1, which brought tokens a field of their own; Incus never had them.
        passwordPossible: info.serverKind === 'lxd' && !info.apiExtensions.has('explicit_trust_token'),
        enrolledAs: known?.id ?? null,
      } satisfies HostProbe;
    } finally {
      await client.close();
    }
  },
});
