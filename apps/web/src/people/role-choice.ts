import type { BindingCreation } from '@longshore/contract';

/** A role as a form holds it: where, which, and of whom. */
export type RoleChoice = Readonly<{
  place: 'fleet' | 'project' | 'host' | 'label';
  /** Of the project or host; `key=value` of a label. */
  name: string;
  role: BindingCreation['role'];
}>;

export const FIRST_CHOICE: RoleChoice = { place: 'project', name: '', role: 'operator' };

/** The roles that there are at a place. */
export function rolesAt(place: RoleChoice['place']): readonly BindingCreation['role'][] {
  return place === 'fleet' ? ['admin', 'auditor'] : ['viewer', 'operator', 'admin'];
}

/** The choice at another place: a role that does not exist there becomes the least one. */
export function atPlace(choice: RoleChoice, place: RoleChoice['place']): RoleChoice {
  const roles = rolesAt(place);
  const role =
    place !== 'fleet' && roles.includes(choice.role)
      ? choice.role
      : (roles.at(place === 'fleet' ? 1 : 0) ?? 'viewer');
  return { place, name: place === choice.place ? choice.name : '', role };
}

/** As the API takes it. */
export function scopeOf(choice: RoleChoice): BindingCreation['scope'] {
  return choice.place === 'fleet' ? { kind: 'fleet' } : { kind: choice.place, name: choice.name.trim() };
}
