import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { checked } from '../choose-server.ts';
import type { CliIo } from '../cli-io.ts';
import { addExamples } from '../docs/examples.ts';
import { say } from '../output/print.ts';
import { clientFor, openRun } from '../run.ts';
import { saveContext } from './context.ts';

/** `login URL`: a person approves this command in a browser; the token is kept as a context. */
export function addLogin(program: Command, io: CliIo): void {
  const command = program
    .command('login')
    .argument('<url>', 'address of the server, such as https://longshore.example.org')
    .description('log in as yourself: shows a code to approve in a browser, and keeps the token for 30 days')
    .option('--name <context>', 'name of the context', 'default');
  addExamples(command, 'longshore login https://longshore.example.org');
  command.action(async (address: string, options: { name: string }, self: Command) => {
    const run = openRun(io, self);
    const url = checked(address);
    const client = clientFor(io, url, undefined);
    const { signal } = run;
    const clientName = `longshore on ${hostname()}`.slice(0, 60);
    const { value: begun } = await client.call('beginDeviceLogin', { body: { clientName }, signal });
    say(run, `Open ${url}/device#${begun.userCode} and approve the code ${begun.userCode}.`);
    for (;;) {
      await pause(begun.intervalSeconds * 1000, undefined, { signal });
      const { value } = await client.call('pollDeviceLogin', {
        body: { deviceSecret: begun.deviceSecret },
        signal,
      });
      if (value.token === null) continue;
      await saveContext(io, options.name, { url, token: value.token.secret }, true);
      say(run, `${options.name}: logged in, and current; the token is "${value.token.name}"`);
      return;
    }
  });
}
