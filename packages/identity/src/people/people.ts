import type { Person, PersonCreation } from '@longshore/contract';
import type { Store } from '@longshore/store';
import {
  type Asker,
  approvePerson,
  blockPerson,
  createPerson,
  deletePerson,
  renamePerson,
  resetPerson,
  unblockPerson,
} from './change-people.ts';
import { listPeople, type PeopleQuery, readPerson } from './read-people.ts';

/** The people of the installation. See each function for what it throws. */
export type People = Readonly<{
  list(query: PeopleQuery): Promise<{ items: Person[]; next: string | null; total: number }>;
  get(id: string): Promise<Person>;
  create(creation: PersonCreation, by: string): Promise<Person>;
  approve(id: string, by: string): Promise<Person>;
  block(id: string, by: Asker): Promise<Person>;
  unblock(id: string, by: string): Promise<Person>;
  reset(id: string, password: string): Promise<Person>;
  rename(id: string, displayName: string): Promise<void>;
  delete(id: string, by: Asker): Promise<void>;
}>;

/** People on a store. */
export function createPeople(store: Store): People {
  return {
    list: (query) => listPeople(store.db, query),
    get: (id) => readPerson(store.db, id),
    create: (creation, by) => createPerson(store.db, creation, by),
    approve: (id, by) => approvePerson(store, id, by),
    block: (id, by) => blockPerson(store, id, by),
    unblock: (id, by) => unblockPerson(store, id, by),
    reset: (id, password) => resetPerson(store, id, password),
    rename: (id, displayName) => renamePerson(store, id, displayName),
    delete: (id, by) => deletePerson(store, id, by),
  };
}
