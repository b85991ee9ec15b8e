import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * What a process does: `api` answers requests, `worker` talks to hosts, `console` carries consoles, `dns`
 * publishes names and answers for them. All of them in one process by default.
 */
export const ROLES = ['api', 'worker', 'console', 'dns'] as const;
export type Role = (typeof ROLES)[number];

const Listen = z
  .string()
  .regex(/^(.+):(\d{1,5})$/, 'use ADDRESS:PORT, such as 127.0.0.1:8420')
  .transform((text) => {
    const at = text.lastIndexOf(':');
    return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
  });

const Count = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, 'use a whole number from 1 to 99999')
  .transform(Number);

const Environment = z.object({
  LONGSHORE_DATA: z.string().min(1).optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'use postgresql://USER:PASSWORD@HOST/DATABASE')
    .optional(),
  LONGSHORE_LISTEN: Listen.prefault('127.0.0.1:8420'),
  LONGSHORE_URL_PUBLIC: z.url({ protocol: /^https?$/ }).optional(),
  LONGSHORE_TLS_CERT: z.string().min(1).optional(),
  LONGSHORE_TLS_KEY: z.string().min(1).optional(),
  LONGSHORE_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .optional(),
  LONGSHORE_METRICS: z.enum(['open', 'token']).default('token'),
  LONGSHORE_LOG: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  LONGSHORE_ROLES: z
    .string()
    .prefault(ROLES.join(','))
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.enum(ROLES)).min(1)),
  LONGSHORE_DNS_LISTEN: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(Listen))
    .optional(),
  LONGSHORE_DNS_ANSWERS_PER_SECOND: z
    .string()
    .regex(/^\d{1,5}$/, 'use a whole number; 0 for no limit')
    .transform(Number)
    .optional(),
  LONGSHORE_CONSOLE_LISTEN: Listen.optional(),
  LONGSHORE_CONSOLE_URL_PUBLIC: z.url({ protocol: /^wss?$/ }).optional(),
  LONGSHORE_CONSOLE_SHELLS: Count.prefault('10'),
  LONGSHORE_CONSOLE_IDLE_MINUTES: Count.prefault('60'),
  LONGSHORE_CONSOLE_MAX_HOURS: Count.prefault('8'),
  LONGSHORE_FLEET_ADMIN_KEYS: z.enum(['none', 'projectless', 'all']).default('none'),
  LONGSHORE_PROVIDER_REFRESH_MINUTES: Count.prefault('15'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

/** How this process runs; every variable is described in docs/configuration.md. */
export type Configuration = Readonly<{
  dataDir: string;
  databaseUrl: string | undefined;
  listen: { host: string; port: number };
  publicUrl: string | undefined;
  tls: { certificatePath: string; keyPath: string } | undefined;
  trustedProxies: readonly string[];
  metricsAccess: 'open' | 'token';
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  roles: readonly Role[];
  dns: Readonly<{
    /** Where questions are answered; none: names are published only. */
    listen: readonly { host: string; port: number }[];
    answersPerSecond: number | undefined;
  }>;
  console: Readonly<{
    /** An address of its own; undefined: that of the API, where this process has one. */
    listen: { host: string; port: number } | undefined;
    /** Where clients reach it, when something stands in between. */
    publicUrl: string | undefined;
    shellsPerInstance: number;
    idleSeconds: number;
    maxSeconds: number;
  }>;
  /** Where the SSH keys of administrators of the fleet go. */
  fleetAdminKeys: 'none' | 'projectless' | 'all';
  providerRefreshMinutes: number;
  traceEndpoint: string | undefined;
}>;

/** A setting that cannot be used; the message names the variable and what to write. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Reads the configuration from environment variables.
 * @throws ConfigurationError naming every variable that is wrong.
 */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  // An empty variable is one that a unit file or a shell left open: the same as none.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigurationError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'),
    );
  }
  const env = parsed.data;
  if ((env.LONGSHORE_TLS_CERT === undefined) !== (env.LONGSHORE_TLS_KEY === undefined)) {
    throw new ConfigurationError('LONGSHORE_TLS_CERT and LONGSHORE_TLS_KEY: set both, or neither');
  }
  return {
    dataDir: env.LONGSHORE_DATA ?? defaultDataDir(given),
    databaseUrl: env.DATABASE_URL,
    listen: env.LONGSHORE_LISTEN,
    publicUrl: env.LONGSHORE_URL_PUBLIC,
    tls:
      env.LONGSHORE_TLS_CERT === undefined || env.LONGSHORE_TLS_KEY === undefined
        ? undefined
        : { certificatePath: env.LONGSHORE_TLS_CERT, keyPath: env.LONGSHORE_TLS_KEY },
    trustedProxies: env.LONGSHORE_TRUSTED_PROXIES ?? [],
    metricsAccess: env.LONGSHORE_METRICS,
    logLevel: env.LONGSHORE_LOG,
    roles: env.LONGSHORE_ROLES,
    dns: {
      listen: env.LONGSHORE_DNS_LISTEN ?? [],
      answersPerSecond: env.LONGSHORE_DNS_ANSWERS_PER_SECOND,
    },
    console: {
      listen: env.LONGSHORE_CONSOLE_LISTEN,
      publicUrl: env.LONGSHORE_CONSOLE_URL_PUBLIC,
      shellsPerInstance: env.LONGSHORE_CONSOLE_SHELLS,
      idleSeconds: env.LONGSHORE_CONSOLE_IDLE_MINUTES * 60,
      maxSeconds: env.LONGSHORE_CONSOLE_MAX_HOURS * 3600,
    },
    fleetAdminKeys: env.LONGSHORE_FLEET_ADMIN_KEYS,
    providerRefreshMinutes: env.LONGSHORE_PROVIDER_REFRESH_MINUTES,
    traceEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}

/** Where a service of this platform keeps its state: for root the system's place, else the person's own. */
function defaultDataDir(environment: NodeJS.ProcessEnv): string {
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Longshore');
  if (process.getuid?.() === 0) return '/var/lib/longshore';
  return join(environment.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'longshore');
}
