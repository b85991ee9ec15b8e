import type { Project } from '@longshore/contract';
import { SimpleGrid } from '@mantine/core';
import { sizeText } from '../parts/size-text.ts';
import { numberText, t } from '../texts/texts.ts';
import { QuotaBar } from './QuotaBar.tsx';

/** All four quotas of a project, with what is used of them. */
export function ProjectUse({ project, cols = 1 }: Readonly<{ project: Project; cols?: number }>) {
  const { quota, use } = project;
  return (
    <SimpleGrid cols={{ base: 1, sm: cols }} spacing="xs" verticalSpacing="xs">
      <QuotaBar label={t.shell.instances} used={use.instances} limit={quota.instances} text={numberText} />
      <QuotaBar label={t.projects.cpu} used={use.cpu} limit={quota.cpu} text={numberText} />
      <QuotaBar label={t.overview.memory} used={use.memoryBytes} limit={quota.memoryBytes} text={sizeText} />
      <QuotaBar label={t.overview.disk} used={use.diskBytes} limit={quota.diskBytes} text={sizeText} />
    </SimpleGrid>
  );
}
