import { z } from 'zod';
import { Fingerprint } from '../names.ts';
import { pageOf, pageQuery } from '../page.ts';
import { Image, ImageCopy, ImageRemoval } from '../resources/image.ts';
import { defineRoute } from '../route.ts';
import { Accepted, Empty, None } from './schemas.ts';

const tag = 'images';

export const imageRoutes = {
  listImages: defineRoute({
    id: 'listImages',
    method: 'GET',
    path: '/v1/images',
    tag,
    permission: 'images:read',
    summary: 'List images on any host of the fleet',
    params: None,
    query: pageQuery(['description', 'createdAt']).strict(),
    body: Empty,
    status: 200,
    reply: pageOf(Image),
  }),
  copyImage: defineRoute({
    id: 'copyImage',
    method: 'POST',
    path: '/v1/images',
    tag,
    permission: 'images:write',
    summary: 'Bring an image to hosts',
    params: None,
    query: None,
    body: ImageCopy,
    status: 202,
    reply: Accepted,
  }),
  removeImage: defineRoute({
    id: 'removeImage',
    method: 'POST',
    path: '/v1/images/{fingerprint}/remove',
    tag,
    permission: 'images:write',
    summary: 'Remove an image from hosts',
    params: z.object({ fingerprint: Fingerprint }).strict(),
    query: None,
    body: ImageRemoval,
    status: 202,
    reply: Accepted,
  }),
} as const;
