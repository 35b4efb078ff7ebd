// The lines that somebody types, with a prompt before each. Knows nothing of what they say.
import { createInterface } from 'node:readline';
import type { Interrupts } from './interrupts.js';

/** Ends with Ctrl-D. The prompt stands on standard error, so that standard output holds answers only. */
export async function* typedLines(interrupts: Interrupts): AsyncGenerator<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr, prompt: '> ' });
  terminal.on('SIGINT', () => interrupts.interrupt());
  try {
    terminal.prompt();
    for await (const line of terminal) {
      yield line;
      terminal.prompt();
    }
  } finally {
    terminal.close();
  }
}
