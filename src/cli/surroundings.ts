// What a command reads, writes and ends with: those of the process, or others that its caller gives. Knows no verb.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Readable, Writable } from 'node:stream';

/** `process` is one. */
export interface Surroundings {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** What a verb sets that has done its work, but found something wrong. */
  exitCode?: number | string | null | undefined;
}

const given = new AsyncLocalStorage<Surroundings>();

/** Those of the command that runs. */
export const surroundings = (): Surroundings => given.getStore() ?? process;

/** Runs commands in surroundings that are not the process; Node then follows them through every `await`, which costs time. */
export const within = <T>(own: Surroundings, work: () => T): T => given.run(own, work);
