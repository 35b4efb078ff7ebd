import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Of tests and what they start: "yesterday" begins at the same moment everywhere. */
process.env['TZ'] = 'UTC';

export default defineConfig({
  // The page's state modules are written with Svelte's runes.
  plugins: [svelte({ configFile: false })],
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.ts'],
    setupFiles: ['./test/support/seed.ts'],
    reporters: ['default', './test/support/count-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    maxWorkers: 2,
    // A worker loads the sources once, not once for each file: files must leave nothing behind.
    isolate: false,
    // What is built runs as it is.
    server: { deps: { external: [/\/dist\/cli\//] } },
  },
});
