import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compress } from './compress.ts';

/** Where a running Longshore answers; only for `npm run dev`, where Vite serves the pages. */
const server = process.env.LONGSHORE_URL ?? 'http://127.0.0.1:8420';
const proxy = { '/v1': server, '/docs': server };

export default defineConfig({
  base: '/ui/',
  plugins: [react(), compress()],
  build: { target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 800 },
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy },
});
