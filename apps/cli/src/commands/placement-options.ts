import type { Placement } from '@longshore/contract';
import type { Command } from 'commander';
import { collect, labelOptions } from '../options.ts';

/** Where an instance shall be. */
export type PlacementOptions = Readonly<{ host?: string; hostLabel?: readonly string[] }>;

/** `--host` and `--host-label`. */
export function addPlacementOptions(command: Command): Command {
  return command
    .option('--host <name>', 'this host (default: the one with the most room)')
    .option('--host-label <key=value>', 'the best of the hosts with this label; may be repeated', collect);
}

/** The options as the API takes them. */
export function placementOf(options: PlacementOptions): Placement {
  return {
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.hostLabel === undefined ? {} : { labels: labelOptions(options.hostLabel) }),
  };
}
