import { HostEnrolment, HostProbe, LongshoreError, waitForOperation } from '@longshore/contract';
import {
  Alert,
  Button,
  Card,
  Group,
  PasswordInput,
  SegmentedControl,
  Stack,
  Stepper,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { localSocketsQuery, serverQuery } from '../live/fleet-queries.ts';
import { ButtonLink } from '../parts/ButtonLink.tsx';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { Facts } from '../parts/Facts.tsx';
import { LabelsInput } from '../parts/LabelsInput.tsx';
import { labelsOfTags } from '../parts/label-tags.ts';
import { PageHeader } from '../parts/PageHeader.tsx';
import { Problem } from '../parts/QueryStates.tsx';
import { whyNotPermitted } from '../permissions/why-not.ts';
import { client } from '../session/client.ts';
import { useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';
import { groupedFingerprint } from './grouped-fingerprint.ts';
import { useProblem } from './use-problem.ts';

type Way = 'token' | 'address' | 'socket';
type Access = HostEnrolment['access'];

/** Takes a host into the fleet, step by step; an error stands at its step and what was entered stays. */
export function EnrolPage() {
  const { permissions } = useSession();
  const queries = useQueryClient();
  const [step, setStep] = useState(0);
  const [way, setWay] = useState<Way>('token');
  const [token, setToken] = useState('');
  const [url, setUrl] = useState('');
  const [password, setPassword] = useState('');
  const [probe, setProbe] = useState<HostProbe | null>(null);
  const [socket, setSocket] = useState('');
  const [name, setName] = useState('');
  const [tags, setTags] = useState<readonly string[]>([]);
  const [enrolled, setEnrolled] = useState<string | null>(null);
  const { problem, busy, attempt } = useProblem();
  const denied = whyNotPermitted('hosts:write', permissions);

  const probeNow = () =>
    attempt(async () => {
      const { value } = await client.call('probeHost', { body: { url } });
      const operation = await waitForOperation(client, value.operation.id);
      const found = HostProbe.parse(operation.result);
      if (found.enrolledAs !== null) throw new LongshoreError('already-enrolled', t.enrol.already(url));
      setProbe(found);
      setStep(1);
    });
  const enrol = () =>
    attempt(async () => {
      const access = accessOf({ way, token, url, password, probe, socket });
      const { labels } = labelsOfTags(tags);
      const body = { access, labels, ...(name === '' ? {} : { name }) };
      const checked = HostEnrolment.safeParse(body);
      if (!checked.success)
        throw new LongshoreError(
          'bad-request',
          checked.error.issues.map((issue) => issue.message).join('; '),
        );
      const { value } = await client.call('enrolHost', { body });
      const done = await waitForOperation(client, value.operation.id);
      await queries.invalidateQueries({ queryKey: ['hosts'] });
      setEnrolled(done.target.id ?? String(done.result?.hostId ?? ''));
      setStep(3);
    });
  const next = (event: FormEvent) => {
    event.preventDefault();
    if (step === 0) {
      if (way === 'address') void probeNow();
      else setStep(2);
    } else if (step === 1) setStep(2);
    else void enrol();
  };
  const back = () => setStep(step === 2 && way !== 'address' ? 0 : step - 1);
  const ready = way === 'token' ? token.trim().length >= 16 : way === 'address' ? url !== '' : socket !== '';
  return (
    <>
      <PageHeader title={t.enrol.title} />
      <Card withBorder maw={760}>
        {denied !== null && (
          <Alert color="orange" variant="outline" mb="md">
            {denied}
          </Alert>
        )}
        <form onSubmit={next}>
          <Stepper active={step} size="sm" mb="lg" wrap={false}>
            <Stepper.Step label={t.enrol.access} />
            <Stepper.Step label={t.enrol.fingerprint} />
            <Stepper.Step label={t.enrol.summary} />
            <Stepper.Step label={t.enrol.done} />
          </Stepper>
          <Stack>
            {step === 0 && (
              <>
                <SegmentedControl
                  aria-label={t.enrol.access}
                  value={way}
                  onChange={(value) => setWay(value === 'address' || value === 'socket' ? value : 'token')}
                  data={[
                    { value: 'token', label: t.enrol.byToken },
                    { value: 'address', label: t.enrol.byAddress },
                    { value: 'socket', label: t.enrol.bySocket },
                  ]}
                />
                {way === 'token' && (
                  <TokenFields token={token} setToken={setToken} url={url} setUrl={setUrl} />
                )}
                {way === 'address' && (
                  <TextInput
                    label={t.enrol.url}
                    placeholder="https://10.0.0.2:8443"
                    value={url}
                    onChange={(event) => setUrl(event.currentTarget.value)}
                    required
                  />
                )}
                {way === 'socket' && <Sockets chosen={socket} choose={setSocket} />}
              </>
            )}
            {step === 1 && probe !== null && (
              <Confirm probe={probe} password={password} setPassword={setPassword} />
            )}
            {step === 2 && (
              <>
                <Facts
                  facts={[
                    [t.enrol.access, way === 'socket' ? socket : way === 'token' ? t.enrol.byToken : url],
                    ...(probe?.fingerprint
                      ? ([[t.enrol.fingerprint, groupedFingerprint(probe.fingerprint)]] as const)
                      : []),
                  ]}
                />
                <TextInput
                  label={t.enrol.name}
                  description={t.enrol.nameHint}
                  value={name}
                  onChange={(event) => setName(event.currentTarget.value)}
                />
                <LabelsInput label={t.labels.title} tags={tags} change={setTags} />
              </>
            )}
            {step === 3 && <Text role="status">{t.enrol.doneText}</Text>}
            {problem !== null && <Problem error={problem} />}
            <Group justify="space-between">
              <Button variant="default" onClick={back} disabled={step === 0 || step === 3 || busy}>
                {t.enrol.back}
              </Button>
              {step < 3 ? (
                <Button
                  type="submit"
                  loading={busy}
                  disabled={denied !== null || !ready || labelsOfTags(tags).error !== null}
                >
                  {step === 1 ? t.enrol.confirm : step === 2 ? t.enrol.enrol : t.enrol.next}
                </Button>
              ) : (
                <ButtonLink to="/hosts/$id" params={{ id: enrolled ?? '' }}>
                  {t.enrol.show}
                </ButtonLink>
              )}
            </Group>
          </Stack>
        </form>
      </Card>
    </>
  );
}

function accessOf(
  form: Readonly<{
    way: Way;
    token: string;
    url: string;
    password: string;
    probe: HostProbe | null;
    socket: string;
  }>,
): Access {
  const { way, url, password, probe } = form;
  if (way === 'token') return { by: 'token', token: form.token.trim(), ...(url === '' ? {} : { url }) };
  if (way === 'socket') return { by: 'socket', path: form.socket };
  const fingerprint = probe?.fingerprint ?? '';
  return password === ''
    ? { by: 'trusted', url, fingerprint }
    : { by: 'password', url, password, fingerprint };
}

function TokenFields({
  token,
  setToken,
  url,
  setUrl,
}: Readonly<{
  token: string;
  setToken: (text: string) => void;
  url: string;
  setUrl: (text: string) => void;
}>) {
  return (
    <>
      <Text size="sm">{t.enrol.tokenHow}</Text>
      <CopyBlock label={t.enrol.command} text="lxc config trust add --name longshore" />
      <Textarea
        label={t.enrol.token}
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        required
        autosize
        minRows={3}
        maxRows={8}
        spellCheck={false}
        autoComplete="off"
      />
      <TextInput
        label={t.enrol.tokenUrl}
        description={t.enrol.tokenUrlHint}
        placeholder="https://10.0.0.2:8443"
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
    </>
  );
}

function Confirm({
  probe,
  password,
  setPassword,
}: Readonly<{ probe: HostProbe; password: string; setPassword: (text: string) => void }>) {
  const server = useQuery(serverQuery);
  return (
    <>
      <Text size="sm">{t.enrol.compare}</Text>
      <CopyBlock
        label={t.enrol.command}
        text={`openssl s_client -connect ${new URL(probe.url).host} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`}
      />
      <Facts
        facts={[
          [t.enrol.url, probe.url],
          [t.hosts.version, `${t.hosts.kinds[probe.kind]} ${probe.version ?? ''}`],
          [t.enrol.fingerprint, <code key="fingerprint">{groupedFingerprint(probe.fingerprint ?? '')}</code>],
        ]}
      />
      {probe.trusted ? (
        <Text size="sm">{t.enrol.trusted}</Text>
      ) : probe.passwordPossible ? (
        <PasswordInput
          label={t.enrol.password}
          description={t.enrol.passwordHint}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="off"
        />
      ) : (
        <Text size="sm">{t.enrol.mustTrust}</Text>
      )}
      {!probe.trusted && server.data !== undefined && (
        <CopyBlock
          label={t.enrol.certificate}
          text={`cat > longshore.crt <<'END'\n${server.data.clientCertificate.pem.trim()}\nEND\nlxc config trust add longshore.crt`}
        />
      )}
    </>
  );
}

function Sockets({ chosen, choose }: Readonly<{ chosen: string; choose: (path: string) => void }>) {
  const query = useQuery(localSocketsQuery);
  const free = (query.data?.items ?? []).filter((socket) => socket.enrolledAs === null);
  if (query.error !== null) return <Problem error={query.error} />;
  if (free.length === 0)
    return <Text size="sm">{query.isPending ? t.states.loading : t.enrol.noSockets}</Text>;
  return (
    <Group>
      {free.map((socket) => (
        <Button
          key={socket.path}
          variant={chosen === socket.path ? 'filled' : 'default'}
          aria-pressed={chosen === socket.path}
          onClick={() => choose(socket.path)}
        >
          {`${t.hosts.kinds[socket.kind]}: ${socket.path}`}
        </Button>
      ))}
    </Group>
  );
}
