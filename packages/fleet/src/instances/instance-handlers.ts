import type { AnyOperationHandler } from '../operations/handler.ts';
import { configureHandler } from './configure-instance.ts';
import { deleteHandler } from './delete-instance.ts';
import { createHandler } from './handle-create.ts';
import { powerHandler } from './power-instance.ts';
import { renameHandler } from './rename-instance.ts';
import { createSnapshotHandler, deleteSnapshotHandler, restoreSnapshotHandler } from './snapshots.ts';

/** How the actions on instances of this folder are done. */
export const instanceHandlers: readonly AnyOperationHandler[] = [
  createHandler,
  powerHandler,
  configureHandler,
  renameHandler,
  deleteHandler,
  createSnapshotHandler,
  restoreSnapshotHandler,
  deleteSnapshotHandler,
];
