import type { ConsoleDesk } from '@longshore/consoles';
import type { Events } from '@longshore/events';
import type { FleetContext } from '@longshore/fleet';
import type { Identity } from '@longshore/identity';
import type { Log } from '@longshore/store';
import type { MetricSource } from './metrics.ts';
import type { TlsFiles } from './node-server.ts';

/** What an operator may set. */
export type ApiSettings = Readonly<{
  /** Where people reach this server, such as `https://longshore.example.org`: for passkeys and identity providers. */
  publicUrl?: string;
  /** Addresses or networks (CIDR) of proxies whose `X-Forwarded-*` headers are believed. Default: none. */
  trustedProxies?: readonly string[];
  /** Who may read `/metrics`. Default `token`: any token with `server:read`. */
  metricsAccess?: 'open' | 'token';
  /** Open event streams at most, in this process. Default 500. */
  maxEventStreams?: number;
  /** Largest JSON body in bytes. Default 2 MiB: cloud-init data is up to 1 MiB a field. */
  bodyLimitBytes?: number;
}>;

/** What the API translates between. */
export type ApiOptions = Readonly<{
  context: FleetContext;
  consoles: ConsoleDesk;
  events: Events;
  identity: Identity;
  log: Log;
  /** Of this program, shown to clients. */
  version: string;
  settings?: ApiSettings;
  /** Answers over TLS. Default: plain HTTP, for the loopback or behind a proxy. */
  tls?: TlsFiles;
  /** Further figures for `/metrics`. */
  metrics?: readonly MetricSource[];
  /** Why the program is not ready to serve (migrations running, stopping), or null. Asked by `/readyz`. */
  notReady?: () => string | null;
}>;
