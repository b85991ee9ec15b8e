export { type ConsoleDesk, createConsoleDesk } from './console-desk.ts';
export { type ConsoleSettings, DEFAULT_CONSOLE_SETTINGS } from './console-settings.ts';
export { ConsoleWho } from './console-who.ts';
export { consolesMigrations } from './consoles-migrations.ts';
