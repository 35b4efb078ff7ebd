// Runs the built command line in processes of their own.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  /** `null` when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until the process has said something on standard error. */
  said(text: string): Promise<void>;
}

/** Starts `mneme` with arguments. @param input what it reads from standard input */
export function startMneme(args: readonly string[], input = ''): Running {
  const child = spawn(process.execPath, [main, ...args]);
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (piece: string) => {
      output[name] += piece;
      for (const listener of listeners) listener();
    });
  }
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, ...output }));
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (output.stderr.includes(text)) resolve();
      };
      listeners.add(check);
      check();
      void ended.then(({ stderr }) => reject(new Error(`It never said "${text}", but:\n${stderr}`)));
    });
  return { process: child, ended, said };
}

/** Runs `mneme` to its end. */
export function mneme(args: readonly string[], input = ''): Promise<Ended> {
  return startMneme(args, input).ended;
}
