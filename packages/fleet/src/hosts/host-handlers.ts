import type { AnyOperationHandler } from '../operations/handler.ts';
import { enrolHostHandler } from './enrol-host-handler.ts';
import { probeHostHandler } from './probe-host.ts';
import { rePinHostHandler } from './re-pin-host.ts';
import { removeHostHandler } from './remove-host.ts';
import { syncHostHandler } from './sync-host.ts';

/** How the actions on hosts are done. */
export const hostHandlers: readonly AnyOperationHandler[] = [
  probeHostHandler,
  enrolHostHandler,
  rePinHostHandler,
  removeHostHandler,
  syncHostHandler,
];
