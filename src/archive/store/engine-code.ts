// The code of PGlite, compiled once for all databases of a process, which share what was compiled. Knows nothing of databases.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PGliteOptions } from '@electric-sql/pglite';

export type EngineCode = NonNullable<PGliteOptions['pgliteWasmModule']>;

/** Node has it; the types of the language without a browser do not. */
declare const WebAssembly: { compile(code: Uint8Array): Promise<EngineCode> };

let compiled: Promise<EngineCode> | undefined;

/** Nine megabytes: functions are compiled when they are first called, and those called often once more, for speed. */
export function engineCode(): Promise<EngineCode> {
  const folder = dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'));
  return (compiled ??= readFile(join(folder, 'pglite.wasm')).then((code) => WebAssembly.compile(code)));
}
