import { type Resources, resourcesSchema, serverSchema } from './api/server.ts';
import type { CallOptions } from './call-options.ts';
import { fingerprintOf } from './endpoint.ts';
import { isLxdError, LxdError } from './lxd-error.ts';
import { changeAndWait, type Operations } from './operations.ts';
import type { Transport } from './transport.ts';

/**
 * What a server says about itself. A stranger (`auth` `untrusted`) learns the API version and extensions only: `serverKind`
 * is a guess then (see `kindOfUntrusted`) and the rest is empty.
 */
export type ServerInfo = {
  readonly serverKind: 'lxd' | 'incus';
  /** Such as `5.0.2`; empty for strangers. */
  readonly version: string;
  readonly apiVersion: string;
  readonly apiExtensions: ReadonlySet<string>;
  readonly auth: 'trusted' | 'untrusted';
  readonly authMethods: readonly string[];
  readonly serverName: string;
  readonly clustered: boolean;
  /** `HOST:PORT` each, as the server believes to be reachable. */
  readonly addresses: readonly string[];
  /** Such as `x86_64`, the native one first. */
  readonly architectures: readonly string[];
  /** PEM of the server's certificate; empty for strangers. */
  readonly certificate: string;
  readonly certificateFingerprint: string;
  /** Project that this certificate's calls without a project go to. */
  readonly project: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly kernelVersion: string;
  readonly kernelArchitecture: string;
  readonly osName: string;
  readonly osVersion: string;
  /** Instance drivers with versions as the server writes them, such as `lxc | qemu`. */
  readonly driver: string;
  readonly driverVersion: string;
  readonly storageDrivers: readonly {
    readonly name: string;
    readonly version: string;
    readonly remote: boolean;
  }[];
  /** For a conditional {@link ServerApi.update}. */
  readonly etag: string;
};

/** The server itself. */
export type ServerApi = {
  /** Throws `not-lxd` when something else answers. */
  get(options?: CallOptions): Promise<ServerInfo>;
  /** Replaces the whole server configuration. */
  update(
    config: Readonly<Record<string, unknown>>,
    options?: CallOptions & { readonly etag?: string },
  ): Promise<void>;
  /** Changes single configuration keys; an empty string unsets one. */
  patch(
    config: Readonly<Record<string, unknown>>,
    options?: CallOptions & { readonly etag?: string },
  ): Promise<void>;
  /** Processor, memory and devices of the machine. */
  resources(options?: CallOptions): Promise<Resources>;
};

export function createServerApi(
  transport: Transport,
  operations: Operations,
  onInfo: (info: ServerInfo) => void,
): ServerApi {
  return {
    async get(options = {}) {
      const info = await readServer(transport, options);
      onInfo(info);
      return info;
    },
    update: (config, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'PUT', path: '/1.0', json: { config }, etag: options.etag },
        options,
      ),
    patch: (config, options = {}) =>
      changeAndWait(
        transport,
        operations,
        { method: 'PATCH', path: '/1.0', json: { config }, etag: options.etag },
        options,
      ),
    resources: (options = {}) => transport.get({ path: '/1.0/resources' }, resourcesSchema, options),
  };
}

/** A stranger is not told the product. This extension renames LXD's `devlxd_events`, so only Incus has it. */
function kindOfUntrusted(extensions: ReadonlySet<string>): 'lxd' | 'incus' {
  return extensions.has('dev_incus_events') ? 'incus' : 'lxd';
}

async function readServer(transport: Transport, options: CallOptions): Promise<ServerInfo> {
  let tagged: { value: ReturnType<typeof serverSchema.parse>; etag: string };
  try {
    tagged = await transport.getTagged({ path: '/1.0' }, serverSchema, options);
  } catch (error) {
    // Whatever breaks the API on its front door is not the API. 404 with a proper error is some other service, too.
    if (isLxdError(error, 'bad-reply', 'not-found', 'bad-request')) {
      throw new LxdError({
        code: 'not-lxd',
        message: `not an LXD or Incus server (${error.message})`,
        target: error.target,
        status: error.status,
        cause: error,
      });
    }
    throw error;
  }
  const { value, etag } = tagged;
  const environment = value.environment;
  const apiExtensions = new Set(value.api_extensions);
  const serverKind =
    environment === undefined
      ? kindOfUntrusted(apiExtensions)
      : environment.server === 'incus'
        ? 'incus'
        : 'lxd';
  return {
    serverKind,
    version: environment?.server_version ?? '',
    apiVersion: value.api_version,
    apiExtensions,
    auth: value.auth === 'trusted' ? 'trusted' : 'untrusted',
    authMethods: value.auth_methods,
    serverName: environment?.server_name ?? '',
    clustered: environment?.server_clustered ?? false,
    addresses: environment?.addresses ?? [],
    architectures: environment?.architectures ?? [],
    certificate: environment?.certificate ?? '',
    certificateFingerprint:
      environment?.certificate_fingerprint || certificateFingerprint(environment?.certificate),
    project: environment?.project ?? 'default',
    config: value.config ?? {},
    kernelVersion: environment?.kernel_version ?? '',
    kernelArchitecture: environment?.kernel_architecture ?? '',
    osName: environment?.os_name ?? '',
    osVersion: environment?.os_version ?? '',
    driver: environment?.driver ?? '',
    driverVersion: environment?.driver_version ?? '',
    storageDrivers: (environment?.storage_supported_drivers ?? []).map((d) => ({
      name: d.Name,
      version: d.Version,
      remote: d.Remote,
    })),
    etag,
  };
}

function certificateFingerprint(pem: string | undefined): string {
  return pem ? fingerprintOf(pem) : '';
}
