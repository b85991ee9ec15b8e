import { z } from 'zod';
import type { MigrationSource } from './api/instance.ts';
import { type OperationRef, socketSecretsSchema } from './api/operation.ts';
import { apiPath } from './api-path.ts';
import type { CallOptions, ProjectOptions } from './call-options.ts';
import type { ServerInfo } from './server.ts';
import type { Transport } from './transport.ts';

/**
 * One side of a transfer that is ready to be connected to: the operation, one secret for each of its websockets
 * (`control`, `fs`, …), and how another server reaches and knows it.
 */
export type MigrationOffer = {
  readonly operationId: string;
  readonly operation: OperationRef;
  readonly secrets: Readonly<Record<string, string>>;
  /** PEM of this server's certificate. */
  readonly certificate: string;
  /** `HOST:PORT` each, as this server believes to be reachable. */
  readonly addresses: readonly string[];
};

/** What a transfer takes along. */
export type MigrationScope = {
  /** Move a running instance with its memory; needs CRIU or a VM with shared or migratable storage. Default false. */
  readonly live?: boolean;
  /** Leave snapshots behind. Default false. */
  readonly instanceOnly?: boolean;
  /** Send this snapshot instead of the instance as it is now. */
  readonly snapshot?: string;
  /** Go on when files change or vanish under the copy. */
  readonly allowInconsistent?: boolean;
};

/** Moving instances between independent servers. */
export type Migration = {
  /**
   * Makes the instance ready to be fetched. The server waits about 10 s for both websockets, so connect at once.
   * The instance stays where and as it is.
   */
  source(name: string, options?: ProjectOptions & MigrationScope): Promise<MigrationOffer>;
  /** Sends the instance to where an instance was created with {@link migrationPushSource}. */
  push(
    name: string,
    target: {
      readonly operationUrl: string;
      readonly secrets: Readonly<Record<string, string>>;
      readonly certificate: string;
    },
    options?: ProjectOptions & MigrationScope,
  ): Promise<OperationRef>;
  /** Reads the offer out of the operation of an instance created with {@link migrationPushSource}. */
  sink(created: OperationRef, options?: CallOptions): Promise<MigrationOffer>;
};

export function createMigration(
  transport: Transport,
  serverInfo: (options: CallOptions) => Promise<ServerInfo>,
): Migration {
  async function offerOf(
    operation: OperationRef,
    path: string,
    options: CallOptions,
  ): Promise<MigrationOffer> {
    const { certificate, addresses } = await serverInfo(options);
    // Besides the secrets some versions put other things here; only strings can be secrets.
    const metadata = transport.parse(z.record(z.string(), z.unknown()), operation.operation.metadata, {
      method: 'POST',
      path,
    });
    const strings = Object.fromEntries(
      Object.entries(metadata).filter(([, value]) => typeof value === 'string'),
    );
    const secrets = transport.parse(
      socketSecretsSchema.refine((s) => 'control' in s, 'no control socket'),
      strings,
      {
        method: 'POST',
        path,
      },
    );
    return { operationId: operation.id, operation, secrets, certificate, addresses };
  }

  const bodyOf = (name: string, options: MigrationScope): Record<string, unknown> => ({
    // Of a snapshot the server wants a new name, although only the receiving side decides it.
    ...(options.snapshot === undefined ? {} : { name }),
    migration: true,
    live: options.live ?? false,
    instance_only: options.instanceOnly ?? false,
    container_only: options.instanceOnly ?? false,
    allow_inconsistent: options.allowInconsistent ?? false,
  });

  const pathOf = (name: string, { snapshot }: MigrationScope): string =>
    snapshot === undefined
      ? apiPath`/1.0/instances/${name}`
      : apiPath`/1.0/instances/${name}/snapshots/${snapshot}`;

  return {
    async source(name, options = {}) {
      // Asked first: the clock of the offer runs once it is made.
      await serverInfo(options);
      const path = pathOf(name, options);
      const ref = await transport.start(
        { method: 'POST', path, query: { project: options.project }, json: bodyOf(name, options) },
        options,
      );
      return await offerOf(ref, path, options);
    },
    push: (name, target, options = {}) =>
      transport.start(
        {
          method: 'POST',
          path: pathOf(name, options),
          query: { project: options.project },
          json: {
            ...bodyOf(name, options),
            target: {
              operation: target.operationUrl,
              secrets: target.secrets,
              certificate: target.certificate,
            },
          },
        },
        options,
      ),
    sink: (created, options = {}) => offerOf(created, '/1.0/instances', options),
  };
}

/** URL of an operation on the server at `address` (`https://HOST:8443` or `HOST:PORT`), as the other server needs it. */
export function operationUrl(address: string, operationId: string): string {
  const base = address.startsWith('https://') ? address.replace(/\/+$/, '') : `https://${address}`;
  return base + apiPath`/1.0/operations/${operationId}`;
}

/**
 * The `source` of a new instance that the destination fetches from an offer. `address` is where the destination reaches
 * the source; it pins the offer's certificate.
 */
export function migrationPullSource(
  offer: MigrationOffer,
  address: string,
  options: MigrationScope & { readonly baseImage?: string; readonly refresh?: boolean } = {},
): MigrationSource {
  return {
    type: 'migration',
    mode: 'pull',
    operation: operationUrl(address, offer.operationId),
    secrets: offer.secrets,
    certificate: offer.certificate,
    ...scopeOf(options),
  };
}

/** The `source` of a new instance that waits for the data to be sent to it: for `push` and for the relay. */
export function migrationPushSource(
  options: MigrationScope & { readonly baseImage?: string; readonly refresh?: boolean } = {},
): MigrationSource {
  return { type: 'migration', mode: 'push', ...scopeOf(options) };
}

function scopeOf(
  options: MigrationScope & { readonly baseImage?: string; readonly refresh?: boolean },
): Omit<MigrationSource, 'type' | 'mode'> {
  return {
    live: options.live ?? false,
    instance_only: options.instanceOnly ?? false,
    ...(options.allowInconsistent ? { allow_inconsistent: true } : {}),
    ...(options.baseImage ? { 'base-image': options.baseImage } : {}),
    ...(options.refresh ? { refresh: true } : {}),
  };
}
