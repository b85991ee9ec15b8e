import { type Store, sql } from '@longshore/store';
import { z } from 'zod';
import { allOf } from '../lists/filter-sql.ts';
import { type Reach, reachesInstance } from '../lists/reach.ts';

const Rows = z.array(
  z.object({ name: z.string(), addresses: z.array(z.string()), keys: z.array(z.string()) }),
);
/** What stands in a line between other things must not look like them. */
const ADDRESS = /^[0-9a-fA-F.:]{2,45}$/;

/**
 * The host keys of instances that somebody may see, as a `known_hosts` file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
 *
 * Guests say what their addresses are. An address that two instances of the whole fleet show, visible or not, stands
 * with neither: a guest that claims another's would else have its own key believed there.
 */
export async function knownHosts(
  { db }: Pick<Store, 'db'>,
  reach: Reach,
  withAddresses: boolean,
): Promise<string> {
  const { rows } = await sql`
    WITH shown AS (
      SELECT i.id, i.name,
        (SELECT array_agg(k.public_key ORDER BY array_position(ARRAY['ed25519', 'ecdsa', 'rsa'], k.type)) FROM ssh_host_keys k WHERE k.instance_id = i.id) AS keys
      FROM instances i WHERE i.status NOT IN ('missing', 'pending') AND ${allOf(reachesInstance(reach))}
        AND EXISTS (SELECT FROM ssh_host_keys k WHERE k.instance_id = i.id)
    ), single AS (
      SELECT a ->> 'address' AS address, min(i.id::text) AS id FROM instances i, jsonb_array_elements(i.addresses) AS a
      WHERE ${withAddresses} AND a ->> 'scope' = 'global' GROUP BY 1 HAVING count(DISTINCT i.id) = 1
    )
    SELECT s.name, s.keys,
      coalesce((SELECT array_agg(o.address ORDER BY o.address) FROM single o WHERE o.id = s.id::text), '{}') AS addresses
    FROM shown s ORDER BY s.name, s.id`.execute(db);
  return Rows.parse(rows)
    .flatMap(({ name, addresses, keys }) => {
      const names = [name.toLowerCase(), ...addresses.filter((address) => ADDRESS.test(address))].join(',');
      return keys.map((key) => `${names} ${key}\n`);
    })
    .join('');
}
