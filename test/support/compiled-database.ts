// Keeps the code of PGlite compiled while a file of tests runs. Knows nothing of what the databases hold.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeAll } from 'vitest';

/** Node has it; the types of the language without a browser do not. */
declare const WebAssembly: { compile(code: Uint8Array): Promise<unknown> };

const code = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), 'pglite.wasm');

/** What is held is not collected. */
const held: unknown[] = [];

/**
 * For files that open many databases in this process: each would compile its nine megabytes anew, in a thread of its own.
 * Threads share code that one of them holds.
 */
export function keepDatabaseCompiled(): void {
  beforeAll(async () => {
    held.push(await WebAssembly.compile(await readFile(code)));
  });
}
