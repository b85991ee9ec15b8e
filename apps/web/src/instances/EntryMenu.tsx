import { Button, Menu, Text } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { InstanceFacts } from '../permissions/why-not.ts';
import { useActionContext } from '../registry/action-context.tsx';
import { registry } from '../registry/rooms.ts';
import { t } from '../texts/texts.ts';

/** These stand beside the menu as buttons. */
const BESIDE = new Set(['start', 'stop', 'restart', 'freeze', 'unfreeze']);

/** All else that rooms offer to do with an instance; what is not possible now says why. */
export function EntryMenu({
  instance,
  facts,
}: Readonly<{ instance: Readonly<{ id: string; name: string }>; facts: InstanceFacts }>) {
  const { context, dialog } = useActionContext();
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
            {t.instances.more}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {registry.instanceEntries
            .filter(({ id }) => !BESIDE.has(id))
            .map(({ id, label, icon: Icon, whyNot, run }) => {
              const reason = whyNot(facts);
              return (
                <Menu.Item
                  key={id}
                  leftSection={<Icon size={16} stroke={1.5} aria-hidden />}
                  aria-disabled={reason !== null}
                  {...(reason === null ? {} : { 'data-disabled': true, closeMenuOnClick: false })}
                  onClick={() => reason === null && run(instance, context)}
                >
                  {label(instance.name)}
                  {reason !== null && <Text size="xs">{reason}</Text>}
                </Menu.Item>
              );
            })}
        </Menu.Dropdown>
      </Menu>
      {dialog}
    </>
  );
}
