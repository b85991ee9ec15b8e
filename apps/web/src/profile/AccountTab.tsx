import type { Person } from '@longshore/contract';
import { Card, Group, Select, Stack, TextInput, useMantineColorScheme } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { Facts } from '../parts/Facts.tsx';
import { useDone } from '../parts/use-done.ts';
import { waysIn } from '../people/PeopleTable.tsx';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { chosenLanguage, keepLanguage, LANGUAGES } from '../texts/language.ts';
import { momentText, t } from '../texts/texts.ts';
import { whyNotAccount } from './why-not-account.ts';

const SCHEMES = ['auto', 'light', 'dark'] as const;

/** How one is called, and how this browser shows the pages. */
export function AccountTab({ person }: Readonly<{ person: Person }>) {
  const { me } = useSession();
  const { done, asking, errors } = useDone();
  const [displayName, setDisplayName] = useState(person.displayName);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const save = () =>
    void done(t.profile.rename, ['session'], () => client.call('updateMe', { body: { displayName } }), {
      inForm: true,
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save();
  };
  const chooseLanguage = (value: string | null) => {
    keepLanguage(localStorage, LANGUAGES.find((each) => each === value) ?? null);
    // Texts are read once, when the pages start.
    window.location.reload();
  };
  return (
    <Stack maw={640}>
      <Card withBorder>
        <Facts
          facts={[
            [t.people.name, person.name],
            [t.people.email, person.email ?? ''],
            [t.people.ways, waysIn(person)],
            [t.people.made, momentText(person.createdAt)],
          ]}
        />
      </Card>
      <Card withBorder>
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={t.people.displayName}
              value={displayName}
              onChange={(event) => setDisplayName(event.currentTarget.value)}
              error={errors.at('displayName') ?? errors.rest}
              autoComplete="name"
            />
            <Group>
              <ActionButton
                label={t.profile.rename}
                variant="filled"
                loading={asking}
                reason={whyNotAccount(me) ?? (displayName.trim() === '' ? t.people.needsNames : null)}
                run={save}
              />
            </Group>
          </Stack>
        </form>
      </Card>
      <Card withBorder>
        <Stack>
          <Select
            label={t.profile.language}
            description={t.profile.inThisBrowser}
            value={chosenLanguage(localStorage) ?? 'auto'}
            onChange={chooseLanguage}
            allowDeselect={false}
            data={[
              { value: 'auto', label: t.profile.asBrowser },
              { value: 'en', label: 'English' },
              { value: 'de', label: 'Deutsch' },
            ]}
          />
          <Select
            label={t.profile.colours}
            value={colorScheme}
            onChange={(value) => setColorScheme(SCHEMES.find((each) => each === value) ?? 'auto')}
            allowDeselect={false}
            data={SCHEMES.map((value) => ({ value, label: t.profile.schemes[value] }))}
          />
        </Stack>
      </Card>
    </Stack>
  );
}
