import {
  ActionIcon,
  Alert,
  AppShell,
  Burger,
  Group,
  NavLink,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconBox,
  IconDashboard,
  IconKey,
  IconListCheck,
  IconLogout,
  IconMoon,
  IconPhoto,
  IconServer2,
  IconSun,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLiveFleet } from '../live/use-live-fleet.ts';
import { OperationsBell } from '../operations/OperationsBell.tsx';
import { ageText } from '../parts/age-text.ts';
import { useNow } from '../parts/use-now.ts';
import { useSession } from '../session/session.ts';
import { dropToken } from '../session/token-store.ts';
import { t } from '../texts/texts.ts';

const ROOMS = [
  { to: '/', label: t.shell.overview, icon: IconDashboard, exact: true },
  { to: '/instances', label: t.shell.instances, icon: IconBox, exact: false },
  { to: '/hosts', label: t.shell.hosts, icon: IconServer2, exact: false },
  { to: '/images', label: t.shell.images, icon: IconPhoto, exact: false },
  { to: '/operations', label: t.shell.operations, icon: IconListCheck, exact: false },
  { to: '/tokens', label: t.shell.tokens, icon: IconKey, exact: false },
] as const;

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
        {ROOMS.map(({ to, label, icon: Icon, exact }) => (
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
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: 'none' }}>
        {offlineSince !== null && <Offline since={offlineSince} />}
        {children}
      </AppShell.Main>
    </AppShell>
  );
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
  const { server } = useSession();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const isDark = scheme === 'dark';
  return (
    <Group gap={6} wrap="nowrap">
      <OperationsBell />
      <Tooltip label={isDark ? t.shell.light : t.shell.dark}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={isDark ? t.shell.light : t.shell.dark}
          onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
        >
          {isDark ? <IconSun size={20} stroke={1.5} /> : <IconMoon size={20} stroke={1.5} />}
        </ActionIcon>
      </Tooltip>
      <Text size="sm" className="hide-narrow" title={`Longshore ${server.version}`}>
        {server.token.name}
      </Text>
      <Tooltip label={t.shell.logout}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t.shell.logout}
          onClick={() => dropToken(null)}
        >
          <IconLogout size={20} stroke={1.5} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
