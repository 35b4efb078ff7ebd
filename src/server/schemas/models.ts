// What `/v1/models` and `/v1/embeddings` take and give. Source: OpenAI API reference, "Models", "Create embeddings".
import { z } from '@hono/zod-openapi';
import { nameSchema } from './common.js';

export const modelSchema = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.number(),
    owned_by: z.string(),
    mneme: z.object({
      kind: z.enum(['chat', 'embedding']),
      /** Tokens of the window of a chat model. */
      maxTokens: z.number().optional(),
      /** Whether its tokens, and with them `usage`, are estimated. */
      estimated: z.boolean().optional(),
      /** Length of the vectors of an embedding model. */
      dimension: z.number().optional(),
    }),
  })
  .openapi('Model');

export const modelsResponseSchema = z
  .object({ object: z.literal('list'), data: z.array(modelSchema).readonly() })
  .openapi('ModelsResponse');

export const embeddingsRequestSchema = z
  .looseObject({
    model: z.string().max(300).nullish(),
    input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048).readonly()]),
    encoding_format: z.enum(['float', 'base64']).nullish(),
    dimensions: z.int().nullish(),
    user: nameSchema.nullish(),
    /** Encoders such as E5 treat the two differently; `passage` when absent. */
    mneme: z.strictObject({ role: z.enum(['query', 'passage']).optional() }).nullish(),
  })
  .openapi('EmbeddingsRequest');

export const embeddingsResponseSchema = z
  .object({
    object: z.literal('list'),
    data: z
      .array(
        z.object({
          object: z.literal('embedding'),
          index: z.number(),
          /** base64: little-endian float32. */
          embedding: z.union([z.array(z.number()).readonly(), z.string()]),
        }),
      )
      .readonly(),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.number(), total_tokens: z.number() }),
  })
  .openapi('EmbeddingsResponse');

export type Model = z.output<typeof modelSchema>;
export type ModelsResponse = z.output<typeof modelsResponseSchema>;
export type EmbeddingsRequest = z.input<typeof embeddingsRequestSchema>;
export type EmbeddingsResponse = z.output<typeof embeddingsResponseSchema>;
