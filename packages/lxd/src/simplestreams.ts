import { request } from 'undici';
import { z } from 'zod';
import type { CallOptions } from './call-options.ts';
import { chunkBytes } from './chunk-bytes.ts';
import { raceSignal, startDeadline } from './deadline.ts';
import { discard } from './discard.ts';
import { codeOfStatus, fromNetworkError, LxdError } from './lxd-error.ts';

/** One image product of a simplestreams server, with its newest version. */
export type SimplestreamsProduct = {
  /** Such as `debian:12:amd64:default`. */
  readonly id: string;
  readonly aliases: readonly string[];
  readonly os: string;
  readonly release: string;
  readonly releaseTitle: string;
  readonly architecture: string;
  readonly variant: string;
  /** Name of the newest version, usually a date. */
  readonly version: string;
  /** Which kinds of instance it can make. */
  readonly types: readonly ('container' | 'virtual-machine')[];
  /** Size of the files for each kind, in bytes. */
  readonly bytes: { readonly container?: number; readonly 'virtual-machine'?: number };
  /** Fingerprints LXD will give the images of the newest version, by kind. */
  readonly fingerprints: { readonly container?: string; readonly 'virtual-machine'?: string };
};

// Source: simplestreams `index:1.0` and `products:1.0`, as LXD reads them (shared/simplestreams).
const indexSchema = z.object({
  index: z.record(z.string(), z.object({ datatype: z.string(), path: z.string() })),
});
const itemSchema = z.object({
  ftype: z.string(),
  size: z.number().default(0),
  sha256: z.string().default(''),
  combined_sha256: z.string().optional(),
  combined_squashfs_sha256: z.string().optional(),
  combined_rootxz_sha256: z.string().optional(),
  'combined_disk-kvm-img_sha256': z.string().optional(),
  'combined_disk1-img_sha256': z.string().optional(),
});
const productsSchema = z.object({
  products: z.record(
    z.string(),
    z.object({
      aliases: z.string().default(''),
      arch: z.string(),
      os: z.string().default(''),
      release: z.string().default(''),
      release_title: z.string().default(''),
      variant: z.string().default('default'),
      versions: z.record(z.string(), z.object({ items: z.record(z.string(), itemSchema) })),
    }),
  ),
});
type Item = z.infer<typeof itemSchema>;

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads the products of the image server at `baseUrl` (`https://images.linuxcontainers.org`), newest version of each.
 * An instance or image is then made with `{ server: baseUrl, protocol: 'simplestreams', alias }`. Default deadline 30 s.
 * Throws LxdError `unreachable`, `timeout`, `aborted`, `not-found`, `bad-reply`, `too-large`.
 */
export async function readSimplestreams(
  baseUrl: string,
  options: CallOptions = {},
): Promise<readonly SimplestreamsProduct[]> {
  const base = `${baseUrl.replace(/\/+$/, '')}/`;
  const deadline = startDeadline({ signal: options.signal, timeoutMs: options.timeoutMs ?? 30_000 }, base);
  try {
    const index = await fetchJson(new URL('streams/v1/index.json', base), indexSchema, deadline.signal);
    const paths = Object.values(index.index)
      .filter((entry) => entry.datatype === 'image-downloads')
      .map((entry) => entry.path);
    const products: SimplestreamsProduct[] = [];
    for (const path of paths) {
      const file = await fetchJson(new URL(path, base), productsSchema, deadline.signal);
      for (const [id, product] of Object.entries(file.products)) {
        const newest = Object.keys(product.versions).sort().at(-1);
        const items = newest === undefined ? undefined : product.versions[newest]?.items;
        if (newest === undefined || !items) continue;
        products.push({
          id,
          aliases: product.aliases.split(',').filter((alias) => alias !== ''),
          os: product.os,
          release: product.release,
          releaseTitle: product.release_title,
          architecture: product.arch,
          variant: product.variant,
          version: newest,
          ...kindsOf(Object.values(items)),
        });
      }
    }
    return products;
  } catch (error) {
    throw deadline.signal.aborted ? deadline.signal.reason : fromNetworkError(error, base);
  } finally {
    deadline.end();
  }
}

/** Which kinds the files make: metadata with squashfs or root tarball a container, with a qcow2 disk a machine. */
function kindsOf(items: readonly Item[]): Pick<SimplestreamsProduct, 'types' | 'bytes' | 'fingerprints'> {
  const meta =
    items.find((item) => item.ftype === 'incus.tar.xz') ?? items.find((item) => item.ftype === 'lxd.tar.xz');
  const root =
    items.find((item) => item.ftype === 'squashfs') ?? items.find((item) => item.ftype === 'root.tar.xz');
  const disk =
    items.find((item) => item.ftype === 'disk-kvm.img') ?? items.find((item) => item.ftype === 'disk1.img');
  const container = meta?.combined_squashfs_sha256 ?? meta?.combined_rootxz_sha256 ?? meta?.combined_sha256;
  const machine = meta?.['combined_disk-kvm-img_sha256'] ?? meta?.['combined_disk1-img_sha256'];
  return {
    types: [
      ...(meta && root ? (['container'] as const) : []),
      ...(meta && disk ? (['virtual-machine'] as const) : []),
    ],
    bytes: {
      ...(meta && root ? { container: meta.size + root.size } : {}),
      ...(meta && disk ? { 'virtual-machine': meta.size + disk.size } : {}),
    },
    fingerprints: {
      ...(container ? { container } : {}),
      ...(machine ? { 'virtual-machine': machine } : {}),
    },
  };
}

async function fetchJson<T>(url: URL, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
  const target = `GET ${url.href}`;
  const reply = await raceSignal(request(url, { signal, headers: { accept: 'application/json' } }), signal);
  if (reply.statusCode !== 200) {
    discard(reply.body);
    throw new LxdError({
      code: codeOfStatus(reply.statusCode),
      message: `HTTP status ${reply.statusCode}`,
      status: reply.statusCode,
      target,
    });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    const bytes = chunkBytes(chunk);
    size += bytes.length;
    if (size > MAX_BYTES) {
      throw new LxdError({
        code: 'too-large',
        message: `the answer is larger than ${MAX_BYTES} bytes`,
        target,
      });
    }
    chunks.push(bytes);
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new LxdError({ code: 'bad-reply', message: 'the answer is not JSON', target, cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const message = `not a simplestreams file: ${issue?.path.join('.')}: ${issue?.message}`;
  throw new LxdError({ code: 'bad-reply', message, target });
}
