import { createHash, randomUUID } from 'node:crypto';
import { createConsoleDesk } from '@longshore/consoles';
import { ConsoleCreation } from '@longshore/contract';
import { sql } from '@longshore/store';
import type { Bench } from '../bench.ts';
import { statisticsOf } from '../report/statistics.ts';
import { openConsoleDatabase } from './console-database.ts';

/** As many as a busy API has under way; the pool has ten connections. */
const AT_ONCE = 20;
const SHELLS = 10;
const OLD_TICKETS = 100_000;

/** How many tickets a second are issued, and redeemed. */
export const consoleTickets: Bench = {
  name: 'console-tickets',
  measures: 'issuing and redeeming console tickets on the embedded PostgreSQL with 100,000 rows',
  async run({ quick, log }) {
    const instances = quick ? 200 : 2000;
    await using database = await openConsoleDatabase(instances);
    const { store, instanceIds } = database;
    const proxyId = randomUUID();
    await sql`INSERT INTO console_proxies (id, seen_at) VALUES (${proxyId}, now() + interval '1 hour')`.execute(
      store.db,
    );
    await sql`INSERT INTO console_tickets (token_hash, id, instance_id, type, mode, options, who, address, expires_at)
      SELECT sha256(n::text::bytea), gen_random_uuid(), (${[...instanceIds]}::uuid[])[1 + n % ${instances}::int], 'shell', 'deny',
        '{"size": {"columns": 80, "rows": 24}}', '{}', '', now() + interval '1 hour'
      FROM generate_series(1, ${OLD_TICKETS}::int) AS n`.execute(store.db);
    await sql`ANALYZE`.execute(store.db);
    log('100,000 tickets are there');
    const desk = createConsoleDesk(store, { shellsPerInstance: SHELLS, ticketSeconds: 3600 });
    const asked = ConsoleCreation.parse({ type: 'shell' });
    const who = {
      kind: 'person',
      id: randomUUID(),
      name: 'anna',
      tokenId: null,
      loginId: randomUUID(),
      expiresAt: null,
    } as const;
    const tickets: string[] = [];
    const wanted = instances * SHELLS;
    const issued = await manyTimes(wanted, async (index) => {
      const instanceId = instanceIds[index % instances] ?? '';
      const { ticket } = await desk.issue({ instanceId, asked, who, origin: null, address: '192.0.2.1' });
      tickets.push(ticket);
    });
    log(`issued ${issued.perSecond.toFixed(0)}/s`);
    const redeemed = await manyTimes(wanted, async (index) => {
      const hash = createHash('sha256')
        .update(tickets[index] ?? '')
        .digest();
      const { rows } = await sql<{ outcome: string }>`
        SELECT outcome, session, target FROM console_redeem(${hash}, ${proxyId}, NULL, ${SHELLS}, 1)`.execute(
        store.db,
      );
      if (rows[0]?.outcome !== 'opened') throw new Error(`a ticket was ${rows[0]?.outcome}`);
    });
    const results = (
      [
        ['issue', issued],
        ['redeem', redeemed],
      ] as const
    ).flatMap(([what, { perSecond, tookMs }]) => {
      const { p99 } = statisticsOf(tookMs);
      return [
        {
          metric: `${what} per second`,
          unit: '1/s',
          ours: perSecond,
          peer: null,
          ratio: null,
          reach: '>= 2,000',
          met: perSecond >= 2000,
        },
        {
          metric: `${what}, p99`,
          unit: 'ms',
          ours: p99,
          peer: null,
          ratio: null,
          reach: '<= 20 ms',
          met: p99 <= 20,
        },
      ];
    });
    return {
      bench: 'console-tickets',
      series: [
        { name: 'issue', unit: 'ms', values: issued.tookMs },
        { name: 'redeem', unit: 'ms', values: redeemed.tookMs },
      ],
      results,
      notes: [
        `${AT_ONCE} at once; database and asker share the machine. A redemption takes a lease and enters a session.`,
      ],
    };
  },
};

async function manyTimes(count: number, work: (index: number) => Promise<void>) {
  const tookMs: number[] = [];
  let next = 0;
  const started = performance.now();
  const worker = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      const begun = performance.now();
      await work(index);
      tookMs.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { tookMs, perSecond: (count / (performance.now() - started)) * 1000 };
}
