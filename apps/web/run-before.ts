import type { Plugin } from 'vite';

/**
 * Names `public/before.js` in the page. It has to run before anything is drawn, so it is no module, and a module is all that the
 * bundler takes from a page: it is put in when the bundler is done with the page. It is told the files of the languages, so
 * that the one that is needed is fetched beside the program and not after it.
 */
export function runBefore(languages: readonly string[]): Plugin {
  return {
    name: 'longshore-run-before',
    transformIndexHtml: {
      order: 'post',
      handler: (_page, { bundle }) => {
        const attrs: Record<string, string> = { src: '/ui/before.js' };
        for (const file of Object.values(bundle ?? {}))
          if (file.type === 'chunk' && file.isDynamicEntry && languages.includes(file.name))
            attrs[`data-${file.name}`] = `/ui/${file.fileName}`;
        return [{ tag: 'script', attrs, injectTo: 'head-prepend' }];
      },
    },
  };
}
