// Keeps the code of PGlite compiled while a process runs tests. Knows nothing of what the databases hold.
import { engineCode } from '../../src/archive/store/engine-code.js';

/**
 * For tests that open databases in this process: each would compile nine megabytes of code anew, in a thread of its own.
 * Threads share code that one of them holds.
 */
export async function keepDatabaseCompiled(): Promise<void> {
  await engineCode();
}
