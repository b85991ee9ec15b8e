import type { SecondFactorSetup } from '@longshore/contract';
import { Anchor, Card, Group, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton } from '../parts/ActionButton.tsx';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { Read } from '../parts/QueryStates.tsx';
import { SecretDialog } from '../parts/SecretDialog.tsx';
import { useDone } from '../parts/use-done.ts';
import { openClient } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { secondFactorQuery } from './profile-queries.ts';
import { whyNotAccount } from './why-not-account.ts';

type Wish = 'set-up' | 'renew' | 'remove';
const KEYS = ['my-second-factor', 'session'];

/** Codes by an authenticator app: set up, recovery codes, taken away again. Each wants the password as proof. */
export function SecondFactorCard() {
  const { me } = useSession();
  const query = useQuery(secondFactorQuery);
  const [wish, setWish] = useState<Wish | null>(null);
  const [setup, setSetup] = useState<SecondFactorSetup | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const denied = whyNotAccount(me);
  return (
    <Card withBorder>
      <Stack>
        <Title order={2} size="h5">
          {t.profile.secondFactor}
        </Title>
        <Read query={query}>
          {({ enabled, recoveryCodesLeft }) =>
            enabled ? (
              <>
                <Text size="sm">{t.profile.factorOn(recoveryCodesLeft)}</Text>
                <Group>
                  <ActionButton label={t.profile.renewCodes} reason={denied} run={() => setWish('renew')} />
                  <ActionButton
                    label={t.profile.removeFactor}
                    reason={denied}
                    run={() => setWish('remove')}
                  />
                </Group>
              </>
            ) : (
              <>
                <Text size="sm">{t.profile.factorOff}</Text>
                <Group>
                  <ActionButton label={t.profile.setUpFactor} reason={denied} run={() => setWish('set-up')} />
                </Group>
              </>
            )
          }
        </Read>
      </Stack>
      {wish !== null && (
        <ProofDialog
          wish={wish}
          close={() => setWish(null)}
          begun={(value) => {
            setWish(null);
            setSetup(value);
          }}
          renewed={(value) => {
            setWish(null);
            setCodes(value);
          }}
        />
      )}
      {setup !== null && (
        <ConfirmFactorDialog
          setup={setup}
          close={() => setSetup(null)}
          confirmed={(value) => {
            setSetup(null);
            setCodes(value);
          }}
        />
      )}
      {codes !== null && (
        <SecretDialog
          title={t.profile.recoveryCodes}
          label={t.profile.recoveryCodes}
          secret={codes.join('\n')}
          close={() => setCodes(null)}
        />
      )}
    </Card>
  );
}

const TITLES: Readonly<Record<Wish, string>> = {
  'set-up': t.profile.setUpFactor,
  renew: t.profile.renewCodes,
  remove: t.profile.removeFactor,
};

function ProofDialog({
  wish,
  close,
  begun,
  renewed,
}: Readonly<{
  wish: Wish;
  close: () => void;
  begun: (setup: SecondFactorSetup) => void;
  renewed: (codes: readonly string[]) => void;
}>) {
  const { done, asking, errors } = useDone();
  const [password, setPassword] = useState('');
  const body = { password };
  const form = { inForm: true, quiet: true } as const;
  const prove = async () => {
    switch (wish) {
      case 'set-up':
        await done(
          TITLES[wish],
          [],
          async () => {
            const reply = await openClient.call('beginSecondFactor', { body });
            begun(reply.value);
            return reply;
          },
          form,
        );
        return;
      case 'renew':
        await done(
          TITLES[wish],
          KEYS,
          async () => {
            const reply = await openClient.call('renewRecoveryCodes', { body });
            renewed(reply.value.recoveryCodes);
            return reply;
          },
          form,
        );
        return;
      case 'remove':
        if (
          await done(TITLES[wish], KEYS, () => openClient.call('removeSecondFactor', { body }), {
            inForm: true,
          })
        )
          close();
    }
  };
  return (
    <FormDialog
      title={TITLES[wish]}
      submit={t.profile.goOn}
      reason={password === '' ? t.profile.needsOld : null}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={() => void prove()}
    >
      <PasswordInput
        label={t.profile.oldPassword}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={errors.at('password')}
        autoComplete="current-password"
        visibilityToggleButtonProps={{ 'aria-label': t.login.showPassword }}
        data-autofocus
        required
      />
    </FormDialog>
  );
}

function ConfirmFactorDialog({
  setup,
  close,
  confirmed,
}: Readonly<{
  setup: SecondFactorSetup;
  close: () => void;
  confirmed: (codes: readonly string[]) => void;
}>) {
  const { done, asking, errors } = useDone();
  const [code, setCode] = useState('');
  const confirm = () =>
    void done(
      t.profile.setUpFactor,
      KEYS,
      async () => {
        const reply = await openClient.call('confirmSecondFactor', { body: { code: code.trim() } });
        confirmed(reply.value.recoveryCodes);
        return reply;
      },
      { inForm: true, quiet: true },
    );
  return (
    <FormDialog
      title={t.profile.setUpFactor}
      submit={t.profile.confirmFactor}
      reason={/^\d{6,8}$/.test(code.trim()) ? null : t.profile.needsCode}
      failure={errors.rest}
      asking={asking}
      close={close}
      run={confirm}
    >
      <Text size="sm">{t.profile.enterSecret}</Text>
      <CopyBlock label={t.profile.secret} text={setup.secret} />
      <Anchor href={setup.uri} size="sm">
        {t.profile.openApp}
      </Anchor>
      <TextInput
        label={t.profile.codeOfApp}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={errors.at('code')}
        autoComplete="one-time-code"
        inputMode="numeric"
        data-autofocus
        required
      />
    </FormDialog>
  );
}
