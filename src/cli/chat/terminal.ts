// The lines that somebody types, with a prompt before each. Knows nothing of what they say.
import { createInterface } from 'node:readline';
import type { Interrupts } from './interrupts.js';
import { surroundings } from '../surroundings.js';

/** Ends with Ctrl-D. The prompt stands on standard error, so that standard output holds answers only. */
export async function* typedLines(interrupts: Interrupts): AsyncGenerator<string> {
  const { stdin, stderr } = surroundings();
  const terminal = createInterface({ input: stdin, output: stderr, prompt: '> ' });
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
