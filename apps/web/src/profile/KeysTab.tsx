import { Group, Text, Textarea } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { useDone } from '../parts/use-done.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import { checkSshKey } from './check-ssh-key.ts';
import { KeyList } from './KeyList.tsx';
import { myKeysQuery } from './profile-queries.ts';

/** The own SSH keys, of the provider and by hand. */
export function KeysTab() {
  const { done } = useDone();
  const query = useQuery(myKeysQuery);
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <Group justify="end" mb="sm">
        <ActionButton
          label={t.keys.add}
          icon={<IconPlus size={16} />}
          variant="filled"
          reason={null}
          run={() => setAdding(true)}
        />
      </Group>
      <Read query={query}>
        {(list) => (
          <KeyList
            list={list}
            whyNotRemove={(key) => (key.source === 'provider' ? t.keys.providers : null)}
            remove={(key) =>
              void done(t.keys.removing(key.comment || key.fingerprint), ['my-keys'], () =>
                client.call('removeMySshKey', { params: { id: key.id } }),
              )
            }
          />
        )}
      </Read>
      {isAdding && <AddDialog close={() => setAdding(false)} />}
    </>
  );
}

function AddDialog({ close }: Readonly<{ close: () => void }>) {
  const { done, asking, errors } = useDone();
  const [text, setText] = useState('');
  const fault = checkSshKey(text);
  const add = async () => {
    const call = () => client.call('addMySshKey', { body: { key: text.trim() } });
    if (await done(t.keys.add, ['my-keys'], call, { inForm: true })) close();
  };
  return (
    <FormDialog
      title={t.keys.add}
      submit={t.keys.add}
      reason={fault === null ? null : t.keys.faults[fault]}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={() => void add()}
    >
      <Text size="sm">{t.keys.noneText}</Text>
      <Textarea
        label={t.keys.paste}
        description={t.keys.pasteHint}
        placeholder="ssh-ed25519 AAAA…"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={text.trim() === '' || fault === null ? errors.at('key') : t.keys.faults[fault]}
        autosize
        minRows={3}
        maxRows={8}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
        required
      />
    </FormDialog>
  );
}
