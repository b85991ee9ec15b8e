import type { Plugin } from 'vite';

/**
 * Names `public/before.js` in the page. It has to run before anything is drawn, so it is no module, and a module is all that the
 * bundler takes from a page: it is put in when the bundler is done with the page.
 */
export function runBefore(): Plugin {
  return {
    name: 'longshore-run-before',
    transformIndexHtml: {
      order: 'post',
      handler: () => [{ tag: 'script', attrs: { src: '/ui/before.js' }, injectTo: 'head-prepend' }],
    },
  };
}
