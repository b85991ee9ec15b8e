import type { IdentityProvider } from '@longshore/contract';
import { Checkbox, PasswordInput, SegmentedControl, TagsInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useDone } from '../parts/use-done.ts';
import { client } from '../session/client.ts';
import { t } from '../texts/texts.ts';
import { creationOf, EMPTY_PROVIDER, formOfProvider, ofKind, patchOf } from './provider-form.ts';

/** Adds a provider, or changes one. The secret goes in and never comes out. */
export function ProviderDialog({
  provider,
  close,
}: Readonly<{ provider: IdentityProvider | null; close: () => void }>) {
  const isNew = provider === null;
  const { done, asking, errors } = useDone();
  const [form, setForm] = useState(isNew ? EMPTY_PROVIDER : formOfProvider(provider));
  const title = isNew ? t.settings.add : t.settings.editing(provider.title);
  const save = async () => {
    const call = () =>
      isNew
        ? client.call('createIdentityProvider', { body: creationOf(form) })
        : client.call('updateIdentityProvider', { params: { id: provider.id }, body: patchOf(form) });
    if (await done(title, ['identity-providers', 'login'], call, { inForm: true })) close();
  };
  const needed = [form.name, form.title, form.issuer, form.clientId, ...(isNew ? [form.clientSecret] : [])];
  const text = (field: 'name' | 'title' | 'issuer' | 'clientId' | 'groupsClaim') => ({
    value: form[field],
    onChange: (event: { currentTarget: { value: string } }) =>
      setForm({ ...form, [field]: event.currentTarget.value }),
    error: errors.at(field),
    autoComplete: 'off',
    required: true,
  });
  return (
    <FormDialog
      title={title}
      submit={isNew ? t.settings.add : t.hosts.save}
      reason={needed.some((each) => each.trim() === '') ? t.settings.needsAllFields : null}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={() => void save()}
    >
      {isNew && (
        <SegmentedControl
          aria-label={t.settings.kind}
          value={form.kind}
          onChange={(kind) => setForm(ofKind(form, kind === 'oidc' ? 'oidc' : 'gitlab'))}
          data={[
            { value: 'gitlab', label: t.settings.kinds.gitlab },
            { value: 'oidc', label: t.settings.kinds.oidc },
          ]}
        />
      )}
      <Text size="sm">{t.settings.there}</Text>
      <CopyBlock label={t.settings.callback} text={`${window.location.origin}/login/callback`} />
      <TextInput
        label={t.settings.issuer}
        placeholder="https://gitlab.example.org"
        disabled={!isNew}
        {...text('issuer')}
      />
      <TextInput label={t.settings.clientId} {...text('clientId')} />
      <PasswordInput
        label={t.settings.clientSecret}
        description={isNew ? undefined : t.settings.secretKept}
        value={form.clientSecret}
        onChange={(event) => setForm({ ...form, clientSecret: event.currentTarget.value })}
        error={errors.at('clientSecret')}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t.settings.showSecret }}
        required={isNew}
      />
      <TextInput
        label={t.people.name}
        description={t.settings.nameHint}
        disabled={!isNew}
        {...text('name')}
      />
      <TextInput label={t.settings.title} description={t.settings.titleHint} {...text('title')} />
      <TagsInput
        label={t.settings.scopes}
        value={[...form.scopes]}
        onChange={(scopes) => setForm({ ...form, scopes })}
        splitChars={[' ', ',']}
        error={errors.at('scopes')}
        acceptValueOnBlur
      />
      <TextInput label={t.settings.groupsClaim} {...text('groupsClaim')} />
      <Checkbox
        label={t.settings.enabled}
        checked={form.enabled}
        onChange={(event) => setForm({ ...form, enabled: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}
