/**
 * The states of a host's session, as docs/spec/host-sync.md has them:
 * `connecting` GET /1.0 · `opening` the event stream · `reading` everything once · `live` · `waiting` to try again ·
 * `quarantined` until a person re-pins · `ended`.
 */
export type SessionState =
  | 'connecting'
  | 'opening'
  | 'reading'
  | 'live'
  | 'waiting'
  | 'quarantined'
  | 'ended';

/** What can happen to a session. `poked`: its host's row was changed, or a person asked for a read. */
export type SessionEvent =
  | 'answered'
  | 'opened'
  | 'read'
  | 'failed'
  | 'certificate-changed'
  | 'waited'
  | 'poked'
  | 'stopped';

type Row = Readonly<Record<SessionEvent, SessionState>>;

/** Full: a new state or event does not compile until each pair is decided. A pair that stays is written out. */
const TRANSITIONS: Readonly<Record<SessionState, Row>> = {
  connecting: {
    answered: 'opening',
    opened: 'connecting',
    read: 'connecting',
    failed: 'waiting',
    'certificate-changed': 'quarantined',
    waited: 'connecting',
    poked: 'connecting',
    stopped: 'ended',
  },
  opening: {
    answered: 'opening',
    opened: 'reading',
    read: 'opening',
    failed: 'waiting',
    'certificate-changed': 'quarantined',
    waited: 'opening',
    poked: 'connecting',
    stopped: 'ended',
  },
  reading: {
    answered: 'reading',
    opened: 'reading',
    read: 'live',
    failed: 'waiting',
    'certificate-changed': 'quarantined',
    waited: 'reading',
    poked: 'connecting',
    stopped: 'ended',
  },
  live: {
    answered: 'live',
    opened: 'live',
    read: 'live',
    failed: 'waiting',
    'certificate-changed': 'quarantined',
    waited: 'live',
    poked: 'connecting',
    stopped: 'ended',
  },
  waiting: {
    answered: 'waiting',
    opened: 'waiting',
    read: 'waiting',
    failed: 'waiting',
    'certificate-changed': 'quarantined',
    waited: 'connecting',
    poked: 'connecting',
    stopped: 'ended',
  },
  quarantined: {
    answered: 'quarantined',
    opened: 'quarantined',
    read: 'quarantined',
    failed: 'quarantined',
    'certificate-changed': 'quarantined',
    waited: 'connecting',
    poked: 'connecting',
    stopped: 'ended',
  },
  ended: {
    answered: 'ended',
    opened: 'ended',
    read: 'ended',
    failed: 'ended',
    'certificate-changed': 'ended',
    waited: 'ended',
    poked: 'ended',
    stopped: 'ended',
  },
};

/** The state after an event. Pure. */
export function nextState(state: SessionState, event: SessionEvent): SessionState {
  return TRANSITIONS[state][event];
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * How long to wait after the n-th failure in a row (from 1), in milliseconds: doubling from 1 s to 60 s, half to full
 * of it by chance (`random` 0 to 1), so that hosts behind one switch do not return as one.
 */
export function waitAfter(failures: number, random: number): number {
  const full = Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 16), LONGEST_WAIT_MS);
  return full * (0.5 + random / 2);
}
