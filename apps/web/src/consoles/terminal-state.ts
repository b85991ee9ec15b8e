import type { ConsoleEnding, ConsoleNotice, ConsoleState } from '@longshore/contract';
import { t } from '../texts/texts.ts';

/** What is told beside the terminal. */
export type TerminalState = Readonly<{
  state: ConsoleState['state'];
  ending: ConsoleEnding | null;
  /** What the server or the host said to it. */
  message: string;
  exitCode: number | null;
  viewers: readonly string[];
  viewing: boolean;
  warning: string | null;
}>;

export const FIRST_STATE: TerminalState = {
  state: 'connecting',
  ending: null,
  message: '',
  exitCode: null,
  viewers: [],
  viewing: false,
  warning: null,
};

/** What is told after a notice. */
export function afterNotice(now: TerminalState, notice: ConsoleNotice | ConsoleState): TerminalState {
  switch (notice.type) {
    case 'state':
      return notice.state === 'closed'
        ? { ...now, state: 'closed', ending: notice.ending, message: notice.message, warning: null }
        : { ...now, state: notice.state, warning: notice.state === 'open' ? null : now.warning };
    case 'waiting':
      return { ...now, warning: t.consoles.waiting(notice.who) };
    case 'ready':
      return { ...now, viewing: notice.access === 'view' };
    case 'warning':
      return {
        ...now,
        warning: notice.about === 'gap' ? t.consoles.gap : t.consoles.warned(notice.who, notice.seconds),
      };
    case 'viewers':
      return { ...now, viewers: notice.names };
    case 'exit':
      return { ...now, exitCode: notice.code };
    case 'failed':
    case 'taken':
      return now;
    default:
      return notice satisfies never;
  }
}

/** One line of all that. */
export function stateText({ state, ending, exitCode, viewers, viewing }: TerminalState): string {
  if (state === 'closed') {
    const text = ending === null ? t.consoles.states.closed : t.consoles.endings[ending];
    return exitCode === null ? text : `${text} (${t.consoles.exit(exitCode)})`;
  }
  return [
    t.consoles.states[state],
    ...(viewing ? [t.consoles.viewing] : []),
    ...(viewers.length === 0 ? [] : [t.consoles.viewers(viewers.join(', '))]),
  ].join(' · ');
}
