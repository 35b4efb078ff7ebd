// The logger that is passed in. Knows nothing of where lines go.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Receives what happens along the way. Fields are plain data; a message is one line. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Drops everything: the default of every function that takes a logger. */
export const silentLogger: Logger = { log: () => undefined };
