/** When things are done, in milliseconds; the reasons are beside the defaults. */
export type SessionTiming = {
  readonly connectMs: number;
  readonly silenceMs: number;
  readonly resourcesMs: number;
  readonly compareMs: number;
  readonly quarantineMs: number;
  readonly addressesMs: readonly number[];
  /** Factor on the waits after failures; 1 but in tests. */
  readonly waitFactor: number;
};

/** What holds in real life. */
export const SESSION_TIMING: SessionTiming = {
  // A stream that fell silent is noticed after 12 s at most, and one attempt to connect follows: 20 s in all.
  silenceMs: 9_000,
  connectMs: 8_000,
  // Placement looks at free memory. Real hosts take 20 to 50 ms of processor for it.
  resourcesMs: 60_000,
  // The safety net for events that were lost; LXD drops events of slow readers.
  compareMs: 600_000,
  // A host that shows the pinned certificate again needs nobody.
  quarantineMs: 60_000,
  // LXD sends no event for addresses: DHCP answers within a second, SLAAC and slow guests later.
  addressesMs: [1_000, 3_000, 8_000],
  waitFactor: 1,
};
