import { LongshoreError } from '@longshore/contract';
import type { Endpoint, LxdClient, ServerInfo } from '@longshore/lxd';
import { type Database, sql, type Transaction } from '@longshore/store';
import { z } from 'zod';
import type { Installation } from '../installation/installation.ts';
import { defineHandler, type RunningOperation } from '../operations/handler.ts';
import { databaseJson, databaseText } from '../sync/instance-observation.ts';
import { readHostFacts, readResources, serverIdentity } from '../sync/read-host-facts.ts';
import { readAllInstances } from '../sync/read-instances.ts';
import { writeFacts } from '../sync/write-host.ts';
import { nextObservation, writeInstances } from '../sync/write-instances.ts';
import { refuseEnrolled } from './already-enrolled.ts';
import { checkCompatible } from './check-server.ts';
import { nameTaken } from './enrol-host.ts';
import { findServer } from './find-server.ts';
import { announceHost } from './host-changes.ts';
import { openClient } from './host-connections.ts';
import { addTrustEntry, isOurTrustEntry, removeTrustEntry, trustEntryName } from './trust-entry.ts';
import { versionWarnings } from './version-warnings.ts';

/** What is kept of an enrolment; token and password are among the sealed secrets. */
const EnrolInput = z.object({
  /** Chosen at acceptance, so that a repeated run knows its own host. */
  hostId: z.uuid(),
  name: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  access: z.discriminatedUnion('by', [
    z.object({
      by: z.literal('token'),
      urls: z.array(z.string()),
      fingerprint: z.string(),
      expiresAt: z.string().nullable(),
    }),
    z.object({ by: z.literal('password'), urls: z.array(z.string()), fingerprint: z.string() }),
    z.object({ by: z.literal('trusted'), urls: z.array(z.string()), fingerprint: z.string() }),
    z.object({ by: z.literal('socket'), path: z.string() }),
  ]),
});
export type EnrolInput = z.infer<typeof EnrolInput>;

/** The server as found, before it is a host. */
type Candidate = { readonly url: string; readonly fingerprint: string | null; readonly endpoint: Endpoint };
type Op = RunningOperation<EnrolInput>;

/**
 * Enrols a host: find it by its certificate, be trusted, read it once, and only then keep it. A failure at the end
 * takes the trust entry that this operation made away again, so that nothing is half-enrolled.
 */
export const enrolHostHandler = defineHandler<EnrolInput>({
  action: 'host.enrol',
  input: EnrolInput,
  async run(op) {
    const { context, input } = op;
    const known = await context.store.db
      .selectFrom('hosts')
      .select(['id', 'name'])
      .where('id', '=', input.hostId)
      .executeTakeFirst();
    if (known !== undefined) return { hostId: known.id, name: known.name };
    const installation = await context.installation();
    try {
      const candidate = await op.step('Look at the server', () => find(op, installation));
      await refuseEnrolled(context.store.db, { url: candidate.url, fingerprint: candidate.fingerprint });
      const client = openClient(candidate.endpoint);
      try {
        return await enrol(op, installation, candidate, client);
      } finally {
        await client.close();
      }
    } catch (error) {
      // A run that goes on elsewhere or later needs the entry; the token that made it cannot be used again.
      const { trustedUrl } = op.memory;
      if (typeof trustedUrl === 'string' && op.givesUp(error)) await undoTrust(op, trustedUrl, installation);
      throw error;
    }
  },
});

async function find(op: Op, installation: Installation): Promise<Candidate> {
  const { access } = op.input;
  if (access.by === 'socket') {
    return { url: `unix:${access.path}`, fingerprint: null, endpoint: { kind: 'unix', path: access.path } };
  }
  const { url, fingerprint } = await findServer(access.urls, access.fingerprint, op.signal);
  return { url, fingerprint, endpoint: endpointAt(url, fingerprint, installation) };
}

function endpointAt(url: string, fingerprint: string, installation: Installation): Endpoint {
  const clientCertificate = { cert: installation.certificatePem, key: installation.keyPem };
  return { kind: 'https', url, fingerprint, clientCertificate };
}

async function enrol(
  op: Op,
  installation: Installation,
  candidate: Candidate,
  client: LxdClient,
): Promise<Record<string, unknown>> {
  const { context, input, signal } = op;
  const { store } = context;
  const { info, ours } = await op.step('Be trusted', () => beTrusted(op, installation, candidate, client));
  checkCompatible(info, candidate.url);
  await refuseEnrolled(store.db, {
    url: candidate.url,
    fingerprint: candidate.fingerprint,
    serverUuid: serverIdentity(info),
  });
  op.throwIfCancelled();
  const extensions = [...info.apiExtensions].sort();
  const [facts, resources, instances] = await op.step('Read everything once', () =>
    Promise.all([
      readHostFacts(client, signal),
      readResources(client, signal),
      readAllInstances(() => nextObservation(store), client, { extensions }, signal),
    ]),
  );
  op.throwIfCancelled();
  const name = await op.step('Keep the host', () =>
    op.transaction(async (trx) => {
      const chosen = await chooseName(trx, input.name, info);
      // Two enrolments of one server at once: the url is unique, the rest is looked at under this lock.
      await trx.selectFrom('installation').select('id').forUpdate().execute();
      await refuseEnrolled(trx, {
        url: candidate.url,
        fingerprint: candidate.fingerprint,
        serverUuid: serverIdentity(info),
      });
      await trx
        .insertInto('hosts')
        .values({
          id: input.hostId,
          name: chosen,
          kind: info.serverKind,
          url: candidate.url,
          fingerprint: candidate.fingerprint,
          labels: JSON.stringify(input.labels),
          created_by: op.requestedBy,
          trust_entry: ours ? installation.fingerprint : null,
          status: 'online',
          server_uuid: serverIdentity(info),
          version: databaseText(info.version),
          driver: databaseText(info.driver),
          architectures: databaseJson(info.architectures),
          extensions: databaseJson(extensions),
          warnings: databaseJson(versionWarnings(info)),
          resources: resources === null ? null : databaseJson(resources),
          observed_at: sql<Date>`now()`,
        })
        .execute();
      await writeFacts(trx, input.hostId, facts);
      await announceHost(store, input.hostId, trx);
      return chosen;
    }),
  );
  const written = await writeInstances(store, { ...instances, hostId: input.hostId, settlesPending: false });
  return { hostId: input.hostId, name, instancesFound: written.adopted };
}

/** Makes the server trust us where it does not. `ours`: the entry was made by us, so that removal takes it away. */
async function beTrusted(
  op: Op,
  installation: Installation,
  candidate: Candidate,
  client: LxdClient,
): Promise<{ info: ServerInfo; ours: boolean }> {
  const { access } = op.input;
  const before = await client.server.get({ signal: op.signal });
  checkCompatible(before, candidate.url);
  if (before.auth === 'trusted') {
    if (access.by === 'socket') return { info: before, ours: false };
    return {
      info: before,
      ours: op.memory.trustedUrl === candidate.url || (await isOurTrustEntry(client, installation)),
    };
  }
  if (access.by === 'trusted' || access.by === 'socket') {
    throw new LongshoreError('trust-missing', `The server at ${candidate.url} does not trust Longshore.`, {
      hint: `Add Longshore's certificate to its trust store (lxc config trust add FILE --name ${trustEntryName(installation)}), or enrol it by a trust token.`,
    });
  }
  op.throwIfCancelled();
  await op.remember({ trustedUrl: candidate.url });
  await addTrustEntry(
    client,
    installation,
    access.by === 'token'
      ? { by: 'token', token: op.secrets.token ?? '', expiresAt: access.expiresAt }
      : { by: 'password', password: op.secrets.password ?? '' },
    op.context.clock(),
  );
  const info = await client.server.get({ signal: op.signal });
  if (info.auth === 'trusted') return { info, ours: true };
  throw new LongshoreError(
    'trust-missing',
    `The server at ${candidate.url} took the certificate but does not trust it.`,
    {
      hint: 'Look at its trust store: lxc config trust list.',
    },
  );
}

/** Best effort: what remains is said in the log and the step, since the operation already has its failure. */
async function undoTrust(op: Op, url: string, installation: Installation): Promise<void> {
  const { access } = op.input;
  if (access.by === 'socket') return; // sockets ask for no trust
  const client = openClient(endpointAt(url, access.fingerprint, installation));
  try {
    await removeTrustEntry(client, installation);
  } catch (error) {
    op.context.log.warn(
      { operation: op.id, target: op.target.name, err: error },
      'a failed enrolment could not take its trust entry away; remove it on the host',
    );
    op.note(
      `The trust entry ${trustEntryName(installation)} could not be taken away; remove it on the host.`,
    );
  } finally {
    await client.close();
  }
}

/** The wanted name, or the server's own, made fit and unique. @throws LongshoreError `name-taken` */
async function chooseName(
  trx: Transaction<Database>,
  wanted: string | null,
  info: ServerInfo,
): Promise<string> {
  const taken = new Set((await trx.selectFrom('hosts').select('name').execute()).map(({ name }) => name));
  if (wanted !== null) {
    if (taken.has(wanted)) throw nameTaken(wanted);
    return wanted;
  }
  const base = fitName(info.serverName);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base.slice(0, 58)}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** A host name of the contract out of whatever a server calls itself. Pure. */
export function fitName(serverName: string): string {
  const fit = serverName
    .toLowerCase()
    .replace(/\..*$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return fit === '' ? 'host' : fit;
}
