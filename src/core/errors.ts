// The errors users can meet. Knows nothing of what raises them.

/** Plain data attached to an error, so that a program can act on it without parsing the message. */
export type ErrorFields = Readonly<Record<string, unknown>>;

export interface MnemeErrorOptions {
  readonly fields?: ErrorFields;
  readonly cause?: unknown;
}

/**
 * Base of every error a user can meet. The message says what happened, what was expected and how to fix it;
 * `code` names the kind, `fields` carries the same facts as data.
 */
export class MnemeError extends Error {
  readonly code: string;
  readonly fields: ErrorFields;

  constructor(code: string, message: string, options: MnemeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.fields = options.fields ?? {};
  }
}

/** Shapes or dtypes that do not fit. The message names the layer or op, the shapes given and the shape expected. */
export class ShapeError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('shape', message, options);
  }
}

/** A configuration, preset or option with an unknown key or an impossible value. */
export class ConfigError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('config', message, options);
  }
}

/** Input data that is missing, empty or malformed. `fields` carries `path` and, where there is one, `line`. */
export class DataError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('data', message, options);
  }
}

/** Something that was named and does not exist, or belongs to somebody else: the two cannot be told apart. */
export class NotFoundError extends DataError {
  override readonly code: string = 'not-found';
}

/** A tokenizer file that cannot be used, or a token id outside the vocabulary. */
export class TokenizerError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('tokenizer', message, options);
  }
}

/** A checkpoint or state that is truncated, damaged or belongs to another model. */
export class CheckpointError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('checkpoint', message, options);
  }
}

/** Files that cannot be read or written: missing, no permission, disk full, locked by another process. */
export class StorageError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('storage', message, options);
  }
}

/** A loss or tensor that is no longer finite. */
export class NonFiniteError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('non-finite', message, options);
  }
}

/** The runtime refused or failed to execute a compiled graph. */
export class RuntimeError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('runtime', message, options);
  }
}

/** Wrong use of the command line. */
export class UsageError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('usage', message, options);
  }
}

/** Work that was cancelled through an `AbortSignal`. */
export class AbortedError extends MnemeError {
  constructor(message = 'The work was cancelled.', options?: MnemeErrorOptions) {
    super('aborted', message, options);
  }
}

/** A broken promise inside Mneme itself: always a bug of ours, never of the user. */
export class InternalError extends MnemeError {
  constructor(message: string, options?: MnemeErrorOptions) {
    super('internal', `${message} This is a bug in Mneme; please report it.`, options);
  }
}

/** Checks a promise that our own code makes. @throws {InternalError} when it is broken. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}

/** Message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
