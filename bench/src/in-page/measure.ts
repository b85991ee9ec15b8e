/**
 * Code that runs in the page, as text: the benches have no types of a browser, and what is measured must not be slowed by a
 * round trip to the tool that drives it.
 */

/** Resolves after the next frame has been drawn: https://web.dev/articles/optimize-inp on the time until the next paint. */
const AFTER_PAINT = `
  const afterPaint = () => new Promise((resolve) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now());
    port2.postMessage(null);
  }));`;

/**
 * Put into the page before it loads: \`bench.interactive\` becomes the milliseconds since the navigation began when an element
 * that matches the selector is drawn, and the main thread is free again.
 */
export function noteInteractive(selector: string): string {
  return `globalThis.bench = { interactive: null };
    (() => {${AFTER_PAINT}
      const look = async () => {
        if (document.querySelector(${JSON.stringify(selector)}) === null) { requestAnimationFrame(look); return; }
        await afterPaint();
        requestIdleCallback(() => { globalThis.bench.interactive = performance.now(); });
      };
      requestAnimationFrame(look);
    })();`;
}

/** Compressed bytes of each file of JavaScript that the page has loaded. */
export const LOADED_SCRIPTS = `(() => {
  const scripts = performance.getEntriesByType('resource').filter((entry) => new URL(entry.name).pathname.endsWith('.js'));
  return scripts.map((entry) => entry.encodedBodySize);
})()`;

/**
 * Notes for each key how long it took until the number of matches that the page shows was another one, and drawn. The clock
 * starts when the browser itself got the key.
 */
export const NOTE_KEYSTROKES = `(() => {${AFTER_PAINT}
  globalThis.bench = { keys: [] };
  let pressed = null;
  addEventListener('keydown', (event) => { pressed = event.timeStamp; }, { capture: true });
  const status = document.querySelector('h1').parentElement.querySelector('[role=status]');
  new MutationObserver(() => {
    const at = pressed;
    pressed = null;
    if (at !== null) afterPaint().then((drawn) => globalThis.bench.keys.push(drawn - at));
  }).observe(status, { childList: true, characterData: true, subtree: true });
})()`;

/** Scrolls the table of instances by so many pixels in each frame, up and down, and returns the times between frames. */
export function scrollFrames(milliseconds: number, pixels: number): string {
  return `new Promise((resolve) => {
    const scroller = document.querySelector('section[tabindex="0"]');
    const gaps = [];
    const begun = performance.now();
    let last = null;
    let by = ${pixels};
    const frame = (now) => {
      if (last !== null) gaps.push(now - last);
      last = now;
      if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1) by = -${pixels};
      if (scroller.scrollTop <= 0) by = ${pixels};
      scroller.scrollTop += by;
      if (now - begun < ${milliseconds}) requestAnimationFrame(frame);
      else resolve(gaps);
    };
    requestAnimationFrame(frame);
  })`;
}

/** Resolves with the wall clock in milliseconds when the text stands in the page and is drawn. */
export function drawnText(text: string): string {
  return `new Promise((resolve) => {${AFTER_PAINT}
    const holds = () => document.getElementById('main').textContent.includes(${JSON.stringify(text)});
    const done = async () => { const at = await afterPaint(); resolve(performance.timeOrigin + at); };
    if (holds()) { done(); return; }
    const observer = new MutationObserver(() => {
      if (!holds()) return;
      observer.disconnect();
      done();
    });
    observer.observe(document.getElementById('main'), { childList: true, characterData: true, subtree: true });
  })`;
}
