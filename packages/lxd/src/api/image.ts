import { z } from 'zod';
import { nullableArray, stringMapSchema } from './envelope.ts';

/** Source: LXD api/image.go `Image`. `size` in bytes; `expires_at` of the year 1 means never. */
export const imageSchema = z.object({
  fingerprint: z.string().regex(/^[0-9a-f]{6,64}$/),
  architecture: z.string().default(''),
  type: z.string().default('container'),
  size: z.number().default(0),
  filename: z.string().default(''),
  public: z.boolean().default(false),
  cached: z.boolean().default(false),
  auto_update: z.boolean().default(false),
  properties: stringMapSchema,
  profiles: nullableArray(z.string()),
  aliases: nullableArray(z.object({ name: z.string(), description: z.string().default('') })),
  created_at: z.string().default(''),
  uploaded_at: z.string().default(''),
  last_used_at: z.string().default(''),
  expires_at: z.string().default(''),
  project: z.string().default('default'),
  update_source: z
    .object({
      alias: z.string().default(''),
      server: z.string().default(''),
      protocol: z.string().default(''),
      certificate: z.string().default(''),
      image_type: z.string().default(''),
    })
    .nullish()
    .transform((s) => s ?? null),
});
export type Image = z.infer<typeof imageSchema>;

/** What can be edited of an image. */
export type ImageEdit = Partial<
  Pick<Image, 'public' | 'auto_update' | 'properties' | 'profiles' | 'expires_at'>
>;

/** Source: LXD api/image.go `ImageAliasesEntry`: `target` is a fingerprint. */
export const imageAliasSchema = z.object({
  name: z.string(),
  description: z.string().default(''),
  target: z.string(),
  type: z.string().default('container'),
});
export type ImageAlias = z.infer<typeof imageAliasSchema>;

/** Where the server gets a new image. Source: LXD api/image.go `ImagesPostSource`. */
export type ImageCreateSource =
  | { readonly type: 'url'; readonly url: string }
  | {
      readonly type: 'image';
      readonly mode: 'pull';
      readonly server: string;
      readonly protocol: 'lxd' | 'incus' | 'simplestreams';
      readonly alias?: string;
      readonly fingerprint?: string;
      readonly secret?: string;
      readonly certificate?: string;
      readonly project?: string;
      readonly image_type?: 'container' | 'virtual-machine';
    }
  | { readonly type: 'instance' | 'snapshot'; readonly name: string };

/** Body of `POST /1.0/images`. */
export type ImageCreate = ImageEdit & {
  readonly source: ImageCreateSource;
  readonly filename?: string;
  readonly compression_algorithm?: string;
  readonly aliases?: readonly { readonly name: string; readonly description?: string }[];
};
