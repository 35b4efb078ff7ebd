import { expect, test } from 'vitest';
import { contextLengthIn } from './context-length.js';

test.each([
  [
    "This model's maximum context length is 4097 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion).",
    { windowTokens: 4097, promptTokens: 4000 },
  ],
  [
    "This model's maximum context length is 4097 tokens. However, your messages resulted in 4302 tokens.",
    { windowTokens: 4097, promptTokens: 4302 },
  ],
  [
    "'max_tokens' is too large: 900. This model's maximum context length is 2048 tokens and your request has 1500 input tokens",
    { windowTokens: 2048, promptTokens: 1500 },
  ],
  [
    '{"error":{"code":400,"message":"the request exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5021,"n_ctx":4096}}',
    { windowTokens: 4096, promptTokens: 5021 },
  ],
  ['prompt is too long: 210000 tokens > 200000 maximum', { windowTokens: 200_000, promptTokens: 210_000 }],
  ['{"error":{"code":"context_length_exceeded"},"status":400}', {}],
])('reads the numbers of a refusal: %s', (reason, numbers) => {
  expect(contextLengthIn(reason)).toEqual(numbers);
});

test('takes nothing else for one', () => {
  expect(contextLengthIn('The model "4096" is not known.')).toBeUndefined();
});
