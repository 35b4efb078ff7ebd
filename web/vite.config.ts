// Builds the page into dist/web, where `mneme serve` finds it. Nothing is inlined: the server allows no inline script.
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Where a server runs while the page is worked on: `npx vite web` shows it with changes as they are made. */
const server = process.env['MNEME_SERVER'] ?? 'http://127.0.0.1:8321';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [svelte({ configFile: false })],
  server: { proxy: { '/v1': server, '/health': server } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome123', 'firefox120', 'safari17.5'],
    reportCompressedSize: false,
    // The licences of what is bundled go with it.
    license: { fileName: 'licenses.txt' },
  },
});
