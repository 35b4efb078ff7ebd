// What an endpoint says when a prompt is over its window: that it is, how much it has, how much it was given. Knows no connection.

/** How llama.cpp, vLLM, OpenAI, Anthropic and others say that a prompt is over the model's window. */
const overWindow =
  /context[_ -]?(?:length|window|size)|maximum context|exceed_context|too many tokens|prompt is too long/i;

const windowStated = [
  /(?:context[ _-]?(?:length|size|window)|\bn_ctx)"?(?:\s+(?:is|of|only|limit))*[\s:=(]*(\d{3,})/i,
  /tokens > (\d{3,}) maximum/i,
];
const promptStated = [
  /(\d+) (?:tokens )?in (?:the|your) (?:messages|prompt)/i,
  /(?:resulted in|too long:|request has) (\d+) (?:input )?tokens/i,
  /\bn_prompt_tokens"?[\s:=]*(\d+)/i,
];

export interface ContextLength {
  /** Of prompt and answer together. */
  readonly windowTokens?: number;
  /** Of the prompt alone, as the model counts. */
  readonly promptTokens?: number;
}

function firstNumber(patterns: readonly RegExp[], text: string): number | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return Number(found);
  }
  return undefined;
}

/** The numbers in a refusal; `undefined` where it is about something else. */
export function contextLengthIn(reason: string): ContextLength | undefined {
  if (!overWindow.test(reason)) return undefined;
  const windowTokens = firstNumber(windowStated, reason);
  const promptTokens = firstNumber(promptStated, reason);
  return {
    ...(windowTokens !== undefined && { windowTokens }),
    ...(promptTokens !== undefined && { promptTokens }),
  };
}
