import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts', 'src/*/index.ts', 'src/cli/main.ts', 'src/cli/program.ts', 'src/**/*-worker.ts'],
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  outDir: 'dist',
  // One file for each source file: the command line loads only what a verb needs, and workers find their files.
  unbundle: true,
  dts: true,
  clean: false,
  fixedExtension: false,
});
