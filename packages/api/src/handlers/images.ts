import { routes } from '@longshore/contract';
import { copyImage, type FleetContext, listImages, removeImage } from '@longshore/fleet';
import { handle } from '../handler.ts';

/** Images of the fleet. */
export function imageHandlers(context: FleetContext) {
  return {
    listImages: handle(routes.listImages, ({ query }) => listImages(context, query)),
    copyImage: handle(routes.copyImage, ({ body, requester }) => copyImage(context, body, requester)),
    removeImage: handle(routes.removeImage, ({ params, body, requester }) =>
      removeImage(context, { ...params, ...body }, requester),
    ),
  };
}
