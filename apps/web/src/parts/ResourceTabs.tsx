import { Tabs } from '@mantine/core';
import { type ReactNode, Suspense } from 'react';
import { Loading } from './QueryStates.tsx';

/** The tabs of a resource's page; the open one stands in the address, and only that one is drawn. */
export function ResourceTabs({
  tabs,
  open,
  change,
}: Readonly<{
  tabs: readonly Readonly<{ id: string; label: string; content: () => ReactNode }>[];
  open: string | undefined;
  change: (id: string) => void;
}>) {
  const shown = tabs.find((tab) => tab.id === open) ?? tabs[0];
  if (shown === undefined) return null;
  return (
    <Tabs
      value={shown.id}
      onChange={(id) => id !== null && change(id)}
      keepMounted={false}
      mt="md"
      activateTabWithKeyboard={false}
    >
      <Tabs.List mb="md">
        {tabs.map(({ id, label }) => (
          <Tabs.Tab key={id} value={id}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ id, content }) => (
        <Tabs.Panel key={id} value={id}>
          {id === shown.id && <Suspense fallback={<Loading />}>{content()}</Suspense>}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
