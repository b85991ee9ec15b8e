import { pino } from 'pino';
import { type Configuration, readConfiguration } from './configuration.ts';
import { SETUP_PATH } from './setup-path.ts';
import { type Server, startServer } from './start-server.ts';

/** A second Ctrl-C, or a stop that takes longer than this, ends the process at once: nothing is lost by it. */
const STOP_LIMIT_MS = 30_000;

/** What the command line may set over the environment. */
export type ServeOptions = { data?: string; listen?: string; roles?: string; announce?: boolean };

/** `longshore serve`: runs until SIGINT or SIGTERM and returns the exit code. */
export async function serve(options: ServeOptions): Promise<number> {
  const configuration = readConfiguration({
    ...process.env,
    ...(options.data === undefined ? {} : { LONGSHORE_DATA: options.data }),
    ...(options.listen === undefined ? {} : { LONGSHORE_LISTEN: options.listen }),
    ...(options.roles === undefined ? {} : { LONGSHORE_ROLES: options.roles }),
  });
  const log = pino(
    {
      level: configuration.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: pino.stdSerializers.err },
    },
    pino.destination({ dest: 2, sync: true }),
  );
  const asked = stopSignals(() => log.info({}, 'stopping'));
  const server = await startServer(configuration, log);
  if (options.announce === true) announce(server);
  else welcome(server, configuration);
  await asked;
  const limit = setTimeout(() => {
    log.warn({}, 'did not stop in time; ending at once');
    process.exit(1);
  }, STOP_LIMIT_MS);
  await server.stop();
  clearTimeout(limit);
  return 0;
}

function stopSignals(first: () => void): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const onSignal = () => {
      count += 1;
      if (count > 1) process.exit(1);
      first();
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

/** For supervisors and tests: one JSON line. */
function announce(server: Server): void {
  const { url, firstStart, dnsAddresses: dns } = server;
  const first =
    firstStart === null
      ? {}
      : { token: firstStart.token.secret, setupUrl: `${url}${SETUP_PATH}#${firstStart.setupCode}` };
  process.stdout.write(`${JSON.stringify({ event: 'ready', url, dns, ...first })}\n`);
}

function welcome(server: Server, configuration: Configuration): void {
  const { url, firstStart, offeredSockets, dnsAddresses } = server;
  const lines = [
    '',
    url === null ? `Longshore works (${configuration.roles.join(', ')}).` : `Longshore runs at ${url}`,
    `  data         ${configuration.dataDir}`,
    `  database     ${configuration.databaseUrl === undefined ? 'embedded PostgreSQL' : 'DATABASE_URL'}`,
    ...(url === null ? [] : [`  API          ${url}/docs`]),
    ...dnsAddresses.map(({ host, port }) => `  DNS          ${host}:${port}, UDP and TCP`),
  ];
  if (firstStart !== null && url !== null) {
    lines.push(
      '',
      'This is the first start. Keep one of these; neither is shown again:',
      `  set-up link  ${url}${SETUP_PATH}#${firstStart.setupCode}   (once, for a day)`,
      `  admin token  ${firstStart.token.secret}`,
      '',
      'On the command line:',
      `  export LONGSHORE_URL=${url} LONGSHORE_TOKEN=${firstStart.token.secret}`,
      '  bin/longshore host enrol --help',
    );
  }
  for (const path of offeredSockets) {
    lines.push(
      '',
      `A local server was found. To take it into the fleet:  bin/longshore host enrol --socket ${path}`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n\n`);
}
