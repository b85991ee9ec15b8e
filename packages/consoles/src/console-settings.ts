/** What an operator may set; all processes of one installation should have the same. */
export type ConsoleSettings = Readonly<{
  /** How long a ticket may be redeemed. Default 60. */
  ticketSeconds: number;
  /** Shells at once in one instance. Default 10. A console of its own an instance has one. */
  shellsPerInstance: number;
  /** A session ends when nothing was typed or shown for this long. Default 60 minutes. */
  idleSeconds: number;
  /** A session ends after this, however busy. Default 8 hours. */
  maxSeconds: number;
  /** A session that lost its connection is kept for this long. Default 60. */
  resumeSeconds: number;
  /** Whoever is taken over is warned this long before. Default 5. */
  graceSeconds: number;
}>;

/** NIST SP 800-63B, 2.2.3 has an hour of idleness at its second level; a working day at most. */
export const DEFAULT_CONSOLE_SETTINGS: ConsoleSettings = {
  ticketSeconds: 60,
  shellsPerInstance: 10,
  idleSeconds: 3600,
  maxSeconds: 8 * 3600,
  resumeSeconds: 60,
  graceSeconds: 5,
};

/** Places of one instance for sessions that type. */
export function slotsOf(settings: ConsoleSettings, type: 'shell' | 'console'): number {
  return type === 'console' ? 1 : settings.shellsPerInstance;
}
