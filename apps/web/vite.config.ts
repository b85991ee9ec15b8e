import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compress } from './compress.ts';
import { runBefore } from './run-before.ts';

/** Where a running Longshore answers; only for `npm run dev`, where Vite serves the pages. */
const server = process.env.LONGSHORE_URL ?? 'http://127.0.0.1:8420';
const proxy = { '/v1': server, '/docs': server };

export default defineConfig({
  base: '/ui/',
  plugins: [react(), runBefore(['en', 'de']), compress()],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        // Left alone, the bundler makes a file of each handful of shared modules: eighty requests for the first page, which
        // compress badly. What every page needs is one file; what several pages share is few.
        codeSplitting: {
          groups: [{ name: 'first', tags: ['$initial'], priority: 2 }],
        },
      },
    },
  },
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy },
});
