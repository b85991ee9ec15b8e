import type { Person } from '@longshore/contract';
import { SimpleGrid, Stack } from '@mantine/core';
import { IdentitiesCard } from './IdentitiesCard.tsx';
import { PasskeysCard } from './PasskeysCard.tsx';
import { PasswordCard } from './PasswordCard.tsx';
import { SecondFactorCard } from './SecondFactorCard.tsx';

/** The ways in of one's own account. */
export function LoginTab({ person }: Readonly<{ person: Person }>) {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <Stack>
        {person.hasPassword && <PasswordCard person={person} />}
        {person.hasPassword && <SecondFactorCard />}
      </Stack>
      <Stack>
        <PasskeysCard />
        <IdentitiesCard />
      </Stack>
    </SimpleGrid>
  );
}
