// Keeps the code of PGlite compiled while a process runs tests. Knows nothing of what the databases hold.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Node has it; the types of the language without a browser do not. */
declare const WebAssembly: { compile(code: Uint8Array): Promise<unknown> };

const path = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), 'pglite.wasm');

/** What is held is not collected. */
let held: Promise<unknown> | undefined;

/**
 * For tests that open databases in this process: each would compile nine megabytes of code anew, in a thread of its own.
 * Threads share code that one of them holds.
 */
export async function keepDatabaseCompiled(): Promise<void> {
  await (held ??= readFile(path).then((code) => WebAssembly.compile(code)));
}
