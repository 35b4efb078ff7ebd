// Documents that a conversation answers from, as they lie in the archive. Knows nothing of files or formats.

export interface Knowledge {
  /** The user of the archive whose documents they are. Nothing else is held of that user. */
  readonly user: string;
  /**
   * Share of a question's telling words that a passage must contain, or cosine it must have, to count as an answer; default 0.5.
   */
  readonly threshold?: number;
}
