import { type ConsoleNotice, type ConsoleState, openConsole } from '@longshore/contract';
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { client } from '../session/client.ts';
import type { ConsoleChoice } from './console-choice.ts';

/** Lines that can be scrolled back to; about 10 MB at most. */
const SCROLLBACK_LINES = 10_000;

/** A terminal on a page. */
export type RunningTerminal = Readonly<{
  search(text: string, direction: 'next' | 'previous'): void;
  fontSize(pixels: number): void;
  retryNow(): void;
  focus(): void;
  stop(): void;
}>;

/** Draws a terminal into `place` and connects it; what happens is told by `notice`. */
export function startTerminal(
  place: HTMLElement,
  options: Readonly<{
    instanceId: string;
    choice: ConsoleChoice;
    fontSize: number;
    notice: (notice: ConsoleNotice | ConsoleState) => void;
    /** Ctrl+Shift+F. */
    searchAsked: () => void;
  }>,
): RunningTerminal {
  const terminal = new Terminal({
    fontSize: options.fontSize,
    scrollback: SCROLLBACK_LINES,
    cursorBlink: true,
    // What the guest shows is read out, and links of its own go nowhere: their text may say another address.
    screenReaderMode: true,
    linkHandler: { activate: () => undefined },
    theme: { background: '#101113', foreground: '#e9ecef' },
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(search);
  terminal.open(place);
  fit.fit();
  const size = () => ({ columns: terminal.cols, rows: terminal.rows });
  const connection = openConsole({
    baseUrl: window.location.origin,
    ticket: async () => {
      const { value } = await client.call('openConsole', {
        params: { id: options.instanceId },
        body: { ...options.choice, size: size() },
      });
      return value;
    },
    show: (bytes) => new Promise<void>((resolve) => terminal.write(bytes, resolve)),
    notice: options.notice,
  });
  // Texts become bytes: the host takes a text frame for the end of all input.
  const encoder = new TextEncoder();
  terminal.onData((text) => connection.type(encoder.encode(text)));
  terminal.onBinary((text) => connection.type(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
  terminal.onResize(() => connection.resize(size()));
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown' || !event.ctrlKey || !event.shiftKey) return true;
    switch (event.code) {
      case 'KeyC':
        event.preventDefault();
        if (terminal.hasSelection()) void navigator.clipboard?.writeText(terminal.getSelection());
        return false;
      case 'KeyV':
        return false; // the browser pastes
      case 'KeyF':
        event.preventDefault();
        options.searchAsked();
        return false;
      default:
        return true;
    }
  });
  const observer = new ResizeObserver(() => fit.fit());
  observer.observe(place);
  const { retryNow } = connection;
  window.addEventListener('online', retryNow);
  return {
    search: (text, direction) =>
      void (direction === 'next' ? search.findNext(text) : search.findPrevious(text)),
    fontSize(pixels) {
      terminal.options.fontSize = pixels;
      fit.fit();
    },
    retryNow,
    focus: () => terminal.focus(),
    stop() {
      window.removeEventListener('online', retryNow);
      observer.disconnect();
      connection.close();
      terminal.dispose();
    },
  };
}
