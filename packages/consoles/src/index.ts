export { type ConsoleDesk, createConsoleDesk } from './console-desk.ts';
export { type ConsoleSettings, DEFAULT_CONSOLE_SETTINGS } from './console-settings.ts';
export { ConsoleWho } from './console-who.ts';
export { consolesMigrations } from './consoles-migrations.ts';
export type { ConsoleAccess, ConsoleAudit, ConsoleRecord } from './proxy/console-access.ts';
export {
  type ConsoleFigures,
  type ConsoleProxy,
  type ConsoleProxyOptions,
  startConsoleProxy,
} from './proxy/start-console-proxy.ts';
