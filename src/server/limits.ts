// What one client may ask of a server, and for how long. Knows nothing of how it is kept.

export interface Limits {
  /** Of a request's body. */
  readonly maxBodyBytes: number;
  /** Of each API key; Infinity for no limit. */
  readonly requestsPerMinute: number;
  /** Answers that are written at the same time, of all and of one API key. */
  readonly maxAnswers: number;
  readonly maxAnswersPerKey: number;
  /** From a request to the end of its answer, streamed or not. */
  readonly answerMs: number;
  /** A reader of a stream that takes nothing for so long is given up. */
  readonly stallMs: number;
  readonly keepAliveMs: number;
  /** How often run folders are looked at for a live curve. */
  readonly pollMs: number;
}

export const defaultLimits: Limits = {
  maxBodyBytes: 4 << 20,
  requestsPerMinute: 600,
  maxAnswers: 256,
  maxAnswersPerKey: 256,
  answerMs: 600_000,
  stallMs: 60_000,
  keepAliveMs: 15_000,
  pollMs: 500,
};
