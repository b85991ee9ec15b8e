import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextState, type SessionEvent, type SessionState, waitAfter } from './session-state.ts';

describe("a session's states (docs/spec/host-sync.md)", () => {
  it('lead from a connection to live, and through a failure back', () => {
    const path: readonly [SessionEvent, SessionState][] = [
      ['answered', 'opening'],
      ['opened', 'reading'],
      ['read', 'live'],
      ['failed', 'waiting'],
      ['waited', 'connecting'],
      ['certificate-changed', 'quarantined'],
      ['failed', 'quarantined'],
      ['poked', 'connecting'],
      ['stopped', 'ended'],
      ['poked', 'ended'],
    ];
    let state: SessionState = 'connecting';
    for (const [event, expected] of path) {
      state = nextState(state, event);
      assert.equal(state, expected, event);
    }
  });

  it('wait from half a second to a minute', () => {
    assert.equal(waitAfter(1, 0), 500);
    assert.equal(waitAfter(1, 1), 1000);
    assert.equal(waitAfter(4, 1), 8000);
    assert.equal(waitAfter(1000, 1), 60_000);
  });
});
