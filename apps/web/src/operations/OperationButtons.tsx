import type { Operation } from '@longshore/contract';
import { Group } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { ActionButton } from '../parts/ActionButton.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { permittedSomewhere, useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { type Again, againOf } from './again.ts';
import { operationTitle } from './operation-title.ts';
import { useChange } from './use-change.ts';

/** What can be done with an operation: stopped while it goes on, asked for again when it failed. */
export function OperationButtons({
  operation,
  left,
}: Readonly<{ operation: Operation /** Called when a button leads to another page. */; left?: () => void }>) {
  const { access } = useSession();
  const { ask, asking } = useChange();
  const { history } = useRouter();
  const title = operationTitle(operation);
  const again = againOf(operation);
  const cancelReason =
    (permittedSomewhere(access, 'operations:write')
      ? null
      : whyNotPermitted('operations:write', access.permissions)) ??
    (operation.status === 'cancelling' ? t.operations.isCancelling : null);
  const runAgain = (one: Again) => {
    if (one.how === 'form') {
      left?.();
      history.push(`/ui${one.path}`);
    } else void ask(title, () => sendAgain(one));
  };
  return (
    <Group gap="xs">
      {operation.endedAt === null && (
        <ActionButton
          label={t.operations.cancel}
          size="xs"
          reason={cancelReason}
          loading={asking}
          run={() =>
            void ask(t.operations.cancelling(title), () =>
              client.call('cancelOperation', { params: { id: operation.id }, body: {} }),
            )
          }
        />
      )}
      {again !== null && (
        <ActionButton
          label={again.how === 'form' ? t.operations.toForm : t.operations.again}
          size="xs"
          reason={null}
          loading={asking}
          run={() => runAgain(again)}
        />
      )}
    </Group>
  );
}

function sendAgain(again: Exclude<Again, { how: 'form' }>) {
  const params = { id: again.id };
  switch (again.how) {
    case 'power':
      return client.call('powerInstance', { params, body: again.body });
    case 'export':
      return client.call('exportInstance', { params, body: {} });
    case 'sync':
      return client.call('syncHost', { params, body: {} });
  }
}
