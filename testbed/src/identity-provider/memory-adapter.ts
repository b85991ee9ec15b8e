/** What the library keeps: it names the grant, the session and whether it was used. */
type Payload = Readonly<Record<string, unknown>>;

/** Shared by the kinds of things that one provider keeps. */
type Kept = Map<string, { payload: Payload; consumed?: number }>;

/**
 * Where a provider keeps its sessions, codes and tokens: in memory, as long as it runs. The library has one like it, but
 * warns of it on every start; a test's provider has nothing to keep longer
 * (https://github.com/panva/node-oidc-provider/blob/main/docs/README.md#adapter).
 */
export function createMemoryAdapter(): (name: string) => Record<string, unknown> {
  const kept: Kept = new Map();
  return (name) => {
    const keyOf = (id: string) => `${name} ${id}`;
    const shown = (key: string): Payload | undefined => {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      return found.consumed === undefined ? found.payload : { ...found.payload, consumed: found.consumed };
    };
    const findBy = (field: string, value: string): Payload | undefined => {
      for (const [key, { payload }] of kept) {
        if (key.startsWith(`${name} `) && payload[field] === value) return shown(key);
      }
      return undefined;
    };
    return {
      upsert: async (id: string, payload: Payload) => void kept.set(keyOf(id), { payload }),
      find: async (id: string) => shown(keyOf(id)),
      findByUid: async (uid: string) => findBy('uid', uid),
      findByUserCode: async (userCode: string) => findBy('userCode', userCode),
      consume: async (id: string) => {
        const found = kept.get(keyOf(id));
        if (found !== undefined) found.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id: string) => void kept.delete(keyOf(id)),
      revokeByGrantId: async (grantId: string) => {
        for (const [key, { payload }] of kept) if (payload.grantId === grantId) kept.delete(key);
      },
    };
  };
}
