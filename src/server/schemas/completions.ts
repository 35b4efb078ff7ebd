// What `/v1/completions` takes and gives: a text and how it goes on. Source: OpenAI API reference, "Create completion".
import { z } from '@hono/zod-openapi';
import { finishReasonSchema, samplingFields, streamFields, usageSchema } from './chat.js';
import { nameSchema } from './common.js';

export const completionRequestSchema = z
  .looseObject({
    model: z.string().max(300).nullish(),
    /** A list is taken when it has one text. */
    prompt: z.union([z.string(), z.array(z.string()).length(1).readonly()]),
    ...samplingFields,
    ...streamFields,
    echo: z.boolean().nullish(),
    user: nameSchema.nullish(),
  })
  .openapi('CompletionRequest');

/** A whole answer, and a chunk of a streamed one: OpenAI gives both the same form. */
export const completionResponseSchema = z
  .object({
    id: z.string(),
    object: z.literal('text_completion'),
    created: z.number(),
    model: z.string(),
    choices: z
      .array(
        z.object({
          index: z.number(),
          text: z.string(),
          logprobs: z.null(),
          finish_reason: finishReasonSchema.nullable(),
        }),
      )
      .readonly(),
    usage: usageSchema.nullish(),
  })
  .openapi('CompletionResponse');

export type CompletionRequest = z.input<typeof completionRequestSchema>;
export type CompletionResponse = z.output<typeof completionResponseSchema>;
