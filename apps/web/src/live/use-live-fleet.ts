import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { client } from '../session/client.ts';
import { permittedSomewhere, useSession } from '../session/session.ts';
import { coalesceEvents } from './coalesce-events.ts';
import { refreshQueries } from './refresh-queries.ts';

/** How often a token without `events:read` looks for itself. */
const POLL_MS = 10_000;

/** Keeps all pages of this tab up to date by one event stream. */
export function useLiveFleet(): void {
  const queries = useQueryClient();
  const { access } = useSession();
  const permitted = permittedSomewhere(access, 'events:read');
  useEffect(() => {
    if (!permitted) {
      const timer = setInterval(() => void queries.invalidateQueries(), POLL_MS);
      return () => clearInterval(timer);
    }
    const abort = new AbortController();
    const clock = {
      now: () => performance.now(),
      after: (ms: number, run: () => void) => void setTimeout(run, ms),
    };
    const add = coalesceEvents((batch) => refreshQueries(queries, batch), clock);
    let opened = false;
    const follow = async () => {
      const onOpen = () => {
        // What changed between the first lists and the stream would otherwise never be seen. A later one may have ended
        // because the roles changed.
        if (opened) void queries.invalidateQueries({ queryKey: ['session'] });
        else void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
        opened = true;
      };
      for await (const event of client.events({ signal: abort.signal, onOpen })) add(event);
    };
    // The stream ends with a refusal only, and that has logged the tab out already.
    follow().catch(() => undefined);
    return () => abort.abort();
  }, [queries, permitted]);
}
