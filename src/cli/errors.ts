// How a verb ends when something goes wrong: what is printed, and the exit code. Knows no verb.
import { CommanderError } from 'commander';
import { ConfigError, InternalError, messageOf, MnemeError, UsageError } from '../core/errors.js';
import { note, printJson } from './output.js';

/** 0 done, 1 failed, 2 wrong use. */
export type ExitCode = 0 | 1 | 2;

/**
 * Reports what was thrown. What a user can put right is one message; a bug of ours keeps its stack.
 * @param json whether the verb was asked for JSON, so that its one object says what failed
 */
export function reportError(error: unknown, json: boolean): ExitCode {
  // Commander has printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const known = error instanceof MnemeError && !(error instanceof InternalError);
  note(known ? `error: ${error.message}` : stackOf(error));
  if (json) {
    const { code, fields } = error instanceof MnemeError ? error : { code: 'internal', fields: {} };
    printJson({ error: { code, message: messageOf(error), fields } });
  }
  return error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `This is a bug in Mneme; please report it with these lines:\n${stack}`;
}
