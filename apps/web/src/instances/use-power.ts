import { useCallback } from 'react';
import { useChange } from '../operations/use-change.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';

/** What can be done with the power of an instance. */
export type Power = 'start' | 'stop' | 'restart' | 'freeze' | 'unfreeze';

/** Asks for a change of power; `force` cuts it instead of waiting for the guest. */
export function usePower() {
  const { ask } = useChange();
  return useCallback(
    (action: Power, instance: Readonly<{ id: string; name: string }>, force = false) =>
      void ask(t.power.title(action, instance.name), () =>
        client.call('powerInstance', { params: { id: instance.id }, body: { action, force } }),
      ),
    [ask],
  );
}
