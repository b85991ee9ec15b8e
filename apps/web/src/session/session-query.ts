import type { Me, MyAccess } from '@longshore/contract';
import { queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';

/** How often it is looked whether the session is still in force; also how soon a server that is gone is noticed. */
const LOOK_MS = 15_000;
/** Who waits for approval looks more often. */
const PENDING_LOOK_MS = 4_000;

const NO_ACCESS: MyAccess = { permissions: [], parts: [] };

export type Answer = Readonly<{ me: Me; access: MyAccess }>;

/** Who is logged in and what that one may do, asked anew for each login. */
export const sessionQuery = (epoch: number) =>
  queryOptions({
    queryKey: ['session', epoch],
    queryFn: async ({ signal }): Promise<Answer> => {
      const { value: me } = await client.call('getMe', { signal });
      if (me.status === 'pending') return { me, access: NO_ACCESS };
      const { value: access } = await client.call('getMyAccess', { signal });
      return { me, access };
    },
    refetchInterval: ({ state }) => (state.data?.me.status === 'pending' ? PENDING_LOOK_MS : LOOK_MS),
  });
