import type { AuditEntry } from '@longshore/contract';
import { Code, Drawer, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Facts } from '../parts/Facts.tsx';
import { LinkTo } from '../parts/LinkTo.tsx';
import { momentText, t } from '../texts/texts.ts';
import { AuditResult } from './AuditResult.tsx';
import { whoText } from './who-text.ts';

/** All of one entry of the audit log, with ways to what it is about. */
export function AuditDrawer({
  entry,
  close,
}: Readonly<{ entry: AuditEntry | undefined; close: () => void }>) {
  return (
    <Drawer
      opened={entry !== undefined}
      onClose={close}
      position="right"
      title={entry?.action ?? ''}
      closeButtonProps={{ 'aria-label': t.dialog.close }}
    >
      {entry !== undefined && (
        <Stack>
          <Facts
            facts={[
              [t.audit.at, momentText(entry.at)],
              [t.audit.who, whoText(entry)],
              [t.audit.via, entry.via],
              [t.profile.from, entry.address],
              [t.audit.target, linkToTarget(entry)],
              [t.audit.result, <AuditResult key="result" entry={entry} />],
              [t.audit.status, String(entry.status)],
              [
                t.audit.operation,
                entry.operationId === null ? (
                  ''
                ) : (
                  <LinkTo key="operation" to="/operations" search={{ selected: entry.operationId }}>
                    {t.audit.showOperation}
                  </LinkTo>
                ),
              ],
              [t.audit.request, entry.requestId],
            ]}
          />
          {Object.keys(entry.detail).length > 0 && (
            <Code
              block
              tabIndex={0}
              aria-label={t.audit.detail}
              style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
            >
              {JSON.stringify(entry.detail, null, 2)}
            </Code>
          )}
        </Stack>
      )}
    </Drawer>
  );
}

function linkToTarget({ target }: AuditEntry): ReactNode {
  const text = `${target.name === '' ? target.id : target.name} (${target.kind})`;
  if (target.id === '') return text;
  switch (target.kind) {
    case 'instance':
    case 'instances':
      return (
        <LinkTo to="/instances/$id" params={{ id: target.id }}>
          {text}
        </LinkTo>
      );
    case 'host':
    case 'hosts':
      return (
        <LinkTo to="/hosts/$id" params={{ id: target.id }}>
          {text}
        </LinkTo>
      );
    case 'people':
      return (
        <LinkTo to="/people/$id" params={{ id: target.id }}>
          {text}
        </LinkTo>
      );
    default:
      return text;
  }
}
