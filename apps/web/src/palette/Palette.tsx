import '@mantine/spotlight/styles.css';
import { createSpotlight, Spotlight } from '@mantine/spotlight';
import { IconKeyboard, IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { type ActionContext, useActionContext } from '../registry/action-context.tsx';
import { t } from '../texts/texts.ts';
import { findItems, GROUPS, type PaletteItem } from './find-items.ts';
import { usePaletteItems } from './use-palette-items.ts';

const [store, spotlight] = createSpotlight();

/** Goes anywhere and does anything by typing. Loaded when it is asked for first; each rise of `asked` opens it. */
export function Palette({ asked, help }: Readonly<{ asked: number; help: () => void }>) {
  const [typed, setTyped] = useState('');
  const { context, dialog } = useActionContext();
  useEffect(() => {
    if (asked > 0) spotlight.open();
  }, [asked]);
  return (
    <>
      <Spotlight.Root
        store={store}
        query={typed}
        onQueryChange={setTyped}
        shortcut={null}
        scrollable
        maxHeight={420}
        aria-label={t.palette.title}
      >
        <Spotlight.Search
          placeholder={t.palette.placeholder}
          aria-label={t.palette.title}
          leftSection={<IconSearch size={18} stroke={1.5} aria-hidden />}
        />
        <Found typed={typed} context={context} help={help} />
      </Spotlight.Root>
      {dialog}
    </>
  );
}

function Found({
  typed,
  context,
  help,
}: Readonly<{ typed: string; context: ActionContext; help: () => void }>) {
  const items = usePaletteItems(typed, context);
  const helping: PaletteItem = {
    id: 'help',
    group: 'commands',
    label: t.palette.help,
    keywords: '? keyboard',
    icon: IconKeyboard,
    reason: null,
    run: help,
  };
  const found = findItems([...items, helping], typed);
  const shown = found.map(({ id }) => id).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the lines that are shown that may have lost their cursor
  useEffect(selectFirst, [shown]);
  return (
    <Spotlight.ActionsList>
      {found.length === 0 && <Spotlight.Empty>{t.palette.nothing}</Spotlight.Empty>}
      {GROUPS.map((group) => {
        const items = found.filter((item) => item.group === group);
        return (
          items.length > 0 && (
            <Spotlight.ActionsGroup key={group} label={t.palette.groups[group]}>
              {items.map((item) => (
                <Line key={item.id} item={item} />
              ))}
            </Spotlight.ActionsGroup>
          )
        );
      })}
    </Spotlight.ActionsList>
  );
}

/**
 * The library puts its cursor on the first line when something is typed. What is found comes later, from the server, so it is
 * put there again where no line has it: Enter must do what is on top.
 */
function selectFirst(): void {
  const list = document.getElementById(store.getState().listId);
  if (list === null || list.querySelector('[data-selected]') !== null) return;
  list.querySelector('[data-action]')?.setAttribute('data-selected', 'true');
  store.updateState((state) => ({ ...state, selected: 0 }));
}

function Line({ item }: Readonly<{ item: PaletteItem }>) {
  const { label, description, reason, icon: Icon, run } = item;
  const below = reason ?? description;
  return (
    <Spotlight.Action
      label={label}
      {...(below === undefined || below === '' ? {} : { description: below })}
      leftSection={<Icon size={18} stroke={1.5} aria-hidden />}
      dimmedSections={false}
      highlightQuery
      closeSpotlightOnTrigger={reason === null}
      aria-disabled={reason !== null}
      onClick={() => reason === null && run()}
    />
  );
}
