import { type Query, sql } from '@longshore/store';
import { z } from 'zod';

/** Whether guests made from an image have an SSH server; null: nobody has looked yet. */
export async function hasSshServer(query: Query, fingerprint: string): Promise<boolean | null> {
  const { rows } = await sql`SELECT has_ssh FROM image_ssh WHERE fingerprint = ${fingerprint}`.execute(query);
  return rows[0] === undefined ? null : z.object({ has_ssh: z.boolean() }).parse(rows[0]).has_ssh;
}

/** Remembers what was seen in an image. An image never changes: its fingerprint is that of its content. */
export async function noteSshServer(query: Query, fingerprint: string, hasSsh: boolean): Promise<void> {
  await sql`
    INSERT INTO image_ssh (fingerprint, has_ssh) VALUES (${fingerprint}, ${hasSsh}) ON CONFLICT DO NOTHING`.execute(
    query,
  );
}
