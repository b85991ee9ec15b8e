import { randomUUID } from 'node:crypto';
import { HostEnrolment, LongshoreError } from '@longshore/contract';
import { isLxdError, parseTrustToken, type TrustToken } from '@longshore/lxd';
import type { FleetContext } from '../fleet-context.ts';
import { type Accepted, accept, acceptOnce, type Requester } from '../operations/accept.ts';
import { refuseEnrolled } from './already-enrolled.ts';
import type { EnrolInput } from './enrol-host-handler.ts';
import { normalUrl } from './find-server.ts';

/**
 * Accepts a host. What can be said at once is refused at once; the rest is the operation's failure.
 *
 * @throws LongshoreError `bad-request` (not a token), `already-enrolled`, `name-taken`
 */
export function enrolHost(
  context: FleetContext,
  enrolment: HostEnrolment,
  requester: Requester,
): Promise<Accepted> {
  const { name, labels, access } = HostEnrolment.parse(enrolment);
  const { input, secrets, shown } = ((): {
    input: EnrolInput['access'];
    secrets?: Record<string, string>;
    shown: string;
  } => {
    switch (access.by) {
      case 'token': {
        const token = readToken(access.token);
        const urls = access.url === undefined ? token.addresses.map(normalUrl) : [normalUrl(access.url)];
        return {
          input: { by: 'token', urls, fingerprint: token.fingerprint, expiresAt: token.expiresAt },
          secrets: { token: token.text },
          shown: urls[0] ?? 'host',
        };
      }
      case 'password': {
        const url = normalUrl(access.url);
        return {
          input: { by: 'password', urls: [url], fingerprint: access.fingerprint },
          secrets: { password: access.password },
          shown: url,
        };
      }
      case 'trusted': {
        const url = normalUrl(access.url);
        return { input: { by: 'trusted', urls: [url], fingerprint: access.fingerprint }, shown: url };
      }
      case 'socket':
        return { input: { by: 'socket', path: access.path }, shown: `unix:${access.path}` };
    }
  })();
  return acceptOnce(context, requester, async (trx) => {
    const fingerprint = input.by === 'socket' ? null : input.fingerprint;
    await refuseEnrolled(trx, { url: shown, fingerprint });
    if (name !== undefined) {
      const taken = await trx.selectFrom('hosts').select('id').where('name', '=', name).executeTakeFirst();
      if (taken !== undefined) throw nameTaken(name);
    }
    const operation = await accept(context, trx, {
      action: 'host.enrol',
      target: { kind: 'host', id: null, name: name ?? shown },
      hostId: null,
      input: {
        hostId: randomUUID(),
        name: name ?? null,
        labels: labels ?? {},
        access: input,
      } satisfies EnrolInput,
      secrets,
      requester,
    });
    return { operation };
  });
}

/** A host of the fleet has the name. */
export function nameTaken(name: string): LongshoreError {
  return new LongshoreError('name-taken', `A host of the fleet is already named ${name}.`, {
    hint: 'Choose another name.',
    fields: [{ path: 'name', message: 'already in use' }],
  });
}

function readToken(text: string): TrustToken {
  try {
    return parseTrustToken(text);
  } catch (error) {
    if (!isLxdError(error)) throw error;
    throw new LongshoreError('bad-request', `The trust token cannot be read: ${error.message}.`, {
      hint: error.hint,
      fields: [{ path: 'access.token', message: 'not a trust token' }],
    });
  }
}
