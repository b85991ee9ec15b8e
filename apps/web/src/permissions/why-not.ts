import type { InstanceStatus, Permission } from '@longshore/contract';
import { t } from '../texts/texts.ts';

/** What a page offers to do with an instance. */
export type InstanceAction =
  | 'start'
  | 'stop'
  | 'restart'
  | 'freeze'
  | 'unfreeze'
  | 'snapshot'
  | 'restore'
  | 'deleteSnapshot'
  | 'configure'
  | 'rename'
  | 'move'
  | 'copy'
  | 'export'
  | 'delete'
  | 'claim'
  | 'edit';

/** What the rules look at. */
export type InstanceFacts = Readonly<{
  status: InstanceStatus;
  claimed: boolean;
  protected: boolean;
  operationId: string | null;
  hostMaintenance: boolean;
  /** What who is logged in may do with it, by roles on the fleet, its project, its host or its labels. */
  permissions: readonly Permission[];
}>;

/**
 * The server's own rules, so that a control is off before a request would be refused. `purpose` is that of the fleet
 * room's `instanceForChange`: `own` changes only our database, `read` works on what nobody has claimed, `stop` and
 * `leave` are allowed in maintenance, `delete` also forgets what is missing.
 */
type Rule = Readonly<{
  permission: Permission;
  purpose: 'own' | 'read' | 'change' | 'stop' | 'leave' | 'delete';
  /** States in which it makes sense; all others give `reason`. */
  states: readonly InstanceStatus[];
  reason: string;
}>;

/** `unknown` and `error` are not ruled out: the host may know better, and its answer is shown. */
const UNSURE = ['unknown', 'error'] as const;
const MADE = ['running', 'stopped', 'frozen', 'starting', 'stopping', ...UNSURE] as const;
const UP = ['running', 'frozen', 'starting', 'stopping', ...UNSURE] as const;
const ALL = ['pending', 'missing', ...MADE] as const;

const write = { permission: 'instances:write' } as const;
const operate = { permission: 'instances:operate' } as const;
const reasons = t.whyNot;

const RULES: Readonly<Record<InstanceAction, Rule>> = {
  start: { ...operate, purpose: 'change', states: ['stopped', 'frozen', ...UNSURE], reason: reasons.runs },
  stop: { ...operate, purpose: 'stop', states: UP, reason: reasons.doesNotRun },
  restart: { ...operate, purpose: 'change', states: ['running', ...UNSURE], reason: reasons.doesNotRun },
  freeze: { ...operate, purpose: 'change', states: ['running', ...UNSURE], reason: reasons.doesNotRun },
  unfreeze: { ...operate, purpose: 'change', states: ['frozen', ...UNSURE], reason: reasons.notFrozen },
  snapshot: { ...operate, purpose: 'change', states: MADE, reason: reasons.notMade },
  restore: { ...operate, purpose: 'change', states: MADE, reason: reasons.notMade },
  deleteSnapshot: { ...operate, purpose: 'change', states: MADE, reason: reasons.notMade },
  configure: { ...write, purpose: 'change', states: MADE, reason: reasons.notMade },
  rename: { ...write, purpose: 'change', states: ['stopped', ...UNSURE], reason: reasons.mustBeStopped },
  move: { ...write, purpose: 'leave', states: MADE, reason: reasons.notMade },
  copy: { ...write, purpose: 'read', states: MADE, reason: reasons.notMade },
  export: { ...write, purpose: 'read', states: MADE, reason: reasons.notMade },
  delete: { permission: 'instances:delete', purpose: 'delete', states: ALL, reason: reasons.notMade },
  claim: { ...write, purpose: 'own', states: ALL, reason: reasons.notMade },
  edit: { ...write, purpose: 'own', states: ALL, reason: reasons.notMade },
};

/** Why an action on an instance is not possible now; null when it is. The first reason that a person would have to mend. */
export function whyNotInstance(action: InstanceAction, instance: InstanceFacts): string | null {
  const rule = RULES[action];
  const denied = whyNotPermitted(rule.permission, instance.permissions);
  if (denied !== null) return denied;
  if (action === 'claim') return instance.claimed ? reasons.claimedAlready : null;
  if (rule.purpose === 'own') return null;
  if (!instance.claimed && rule.purpose !== 'read') return reasons.unclaimed;
  if (instance.status === 'missing' && rule.purpose !== 'delete') return reasons.missing;
  if (action === 'delete' && instance.protected) return reasons.protected;
  const forgets = rule.purpose === 'delete' && instance.status === 'missing';
  if (instance.hostMaintenance && !forgets && (rule.purpose === 'change' || rule.purpose === 'delete'))
    return reasons.maintenance;
  if (!rule.states.includes(instance.status)) return rule.reason;
  return instance.operationId === null ? null : reasons.busy;
}

/** Why something is not permitted; null when it does. */
export function whyNotPermitted(needed: Permission, permissions: readonly Permission[]): string | null {
  return permissions.includes(needed) ? null : reasons.permission(needed);
}
