import {
  ActionIcon,
  Alert,
  AppShell,
  Burger,
  Group,
  NavLink,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconLogout, IconMoon, IconSun } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLiveFleet } from '../live/use-live-fleet.ts';
import { OperationsBell } from '../operations/OperationsBell.tsx';
import { PaletteButton } from '../palette/PaletteButton.tsx';
import { ageText } from '../parts/age-text.ts';
import { useNow } from '../parts/use-now.ts';
import { registry } from '../registry/rooms.ts';
import { logOut } from '../session/log-out.ts';
import { permittedSomewhere, useSession } from '../session/session.ts';
import { t } from '../texts/texts.ts';

/** Header, navigation and the page. `offlineSince`: when the server last answered, in milliseconds; null while it does. */
export function Shell({
  offlineSince,
  children,
}: Readonly<{ offlineSince: number | null; children: ReactNode }>) {
  useLiveFleet();
  const [opened, { toggle, close }] = useDisclosure(false);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 210, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a className="skip-link" href="#main">
        {t.shell.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t.shell.menu} />
            <Text component={Link} to="/" fw={700} size="lg" c="inherit" td="none">
              Longshore
            </Text>
          </Group>
          <Tools />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t.shell.menu}>
        <Navigation close={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: 'none' }}>
        {offlineSince !== null && <Offline since={offlineSince} />}
        {children}
      </AppShell.Main>
    </AppShell>
  );
}

/** The rooms where there may be something to see for who is logged in. */
function Navigation({ close }: Readonly<{ close: () => void }>) {
  const { access } = useSession();
  return registry.navigation
    .filter(({ needs }) => needs === undefined || permittedSomewhere(access, needs))
    .map(({ to, label, icon: Icon, exact = false }) => (
      <NavLink
        key={to}
        component={Link}
        to={to}
        activeOptions={{ exact, includeSearch: false }}
        activeProps={{ 'data-active': true }}
        label={label}
        leftSection={<Icon size={18} stroke={1.5} aria-hidden />}
        onClick={close}
        color="gray"
        variant="light"
      />
    ));
}

function Offline({ since }: Readonly<{ since: number }>) {
  const now = useNow();
  return (
    <Alert color="orange" variant="outline" mb="md" role="alert" title={t.states.offline}>
      {t.states.offlineText(ageText(new Date(since).toISOString(), now))}
    </Alert>
  );
}

function Tools() {
  const { me } = useSession();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const isDark = scheme === 'dark';
  return (
    <Group gap={6} wrap="nowrap">
      <PaletteButton />
      <OperationsBell />
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={isDark ? t.shell.light : t.shell.dark}
        title={isDark ? t.shell.light : t.shell.dark}
        onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
      >
        {isDark ? <IconSun size={20} stroke={1.5} /> : <IconMoon size={20} stroke={1.5} />}
      </ActionIcon>
      <Text
        component={Link}
        to="/profile"
        size="sm"
        className="hide-narrow"
        c="inherit"
        truncate
        maw={220}
        title={me.name}
      >
        {me.displayName}
      </Text>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t.shell.logout}
        title={t.shell.logout}
        onClick={() => void logOut()}
      >
        <IconLogout size={20} stroke={1.5} />
      </ActionIcon>
    </Group>
  );
}
