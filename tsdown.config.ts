import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/cli/main.ts', 'src/engine/runtime/node-worker.ts', 'src/tasks/language-model/train.ts'],
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  outDir: 'dist',
  // One file for each source file: the command line loads only what a verb needs, and workers find their files.
  unbundle: true,
  dts: false,
  clean: false,
  fixedExtension: false,
});
