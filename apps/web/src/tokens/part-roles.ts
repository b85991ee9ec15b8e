import type { MemberCreation } from '@longshore/contract';

export type PartRoleName = MemberCreation['role'];

/** Roles in a project, from the least to the greatest. */
export const PART_ROLE_NAMES: readonly PartRoleName[] = ['viewer', 'operator', 'admin'];
