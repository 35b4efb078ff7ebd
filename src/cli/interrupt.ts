// Ctrl-C: the first asks the work to end, the second ends the process. Knows nothing of the work.
import { note } from './output.js';

const signals = ['SIGINT', 'SIGTERM'] as const;
const interruptedCode = 130;
/** npm passes on a Ctrl-C that the process has received already: what comes so soon is the same one. */
const sameMs = 500;

/** Runs `work` with a signal that fires at the first Ctrl-C. @param message says what happens then */
export async function interruptible<T>(
  message: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let firstMs = 0;
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - firstMs > sameMs) process.exit(interruptedCode);
      return;
    }
    firstMs = performance.now();
    note(message);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
