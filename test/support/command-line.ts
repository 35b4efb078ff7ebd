// Runs the built command line: in this process, which is quick, or in one of its own, where exit, signals or start-up matter.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const built = new URL('../../dist/cli/', import.meta.url);
const main = fileURLToPath(new URL('main.js', built));

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

/** Runs `mneme` in a process of its own, to its end. */
export function mnemeProcess(args: readonly string[], input = ''): Promise<Ended> {
  return startMneme(args, input).ended;
}

/** Keeps what is written to it. */
class Written extends Writable {
  text = '';

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

/** Runs `mneme` in this process, to its end. */
export async function mneme(args: readonly string[], input = ''): Promise<Ended> {
  const program = new URL('program.js', built).href;
  const { runProgram } = (await import(program)) as typeof import('../../src/cli/program.js');
  const [stdout, stderr] = [new Written({ decodeStrings: false }), new Written({ decodeStrings: false })];
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)], { objectMode: false });
  const code = await runProgram(args, { stdin, stdout, stderr });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
