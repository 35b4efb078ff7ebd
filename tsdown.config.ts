import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: {
    'engine/runtime/node-worker': 'src/engine/runtime/node-worker.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  outDir: 'dist',
  dts: false,
  clean: true,
  fixedExtension: false,
});
