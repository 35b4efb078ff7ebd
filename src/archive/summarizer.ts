// What shortens a conversation, as a contract. Knows no model.

export interface Turn {
  readonly speaker?: string;
  readonly text: string;
  readonly time: string;
}

/** Makes one text of many turns, at most about `maxTokens` long. `previous` is the summary of what came before. */
export interface Summarizer {
  summarize(
    turns: readonly Turn[],
    options: { readonly maxTokens: number; readonly previous?: string },
  ): Promise<string>;
}
