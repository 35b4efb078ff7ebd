// What `/v1/chat/completions` takes and gives: OpenAI's format, and under `mneme` what goes beyond it.
// Source: OpenAI API reference, "Create chat completion". Fields that are not named here are ignored, except those in
// `unsupported.ts`, which would change the answer.
import { z } from '@hono/zod-openapi';
import { languageSchema, nameSchema } from './common.js';
import { toolCallSchema, toolStepSchema } from './tools.js';
import { citationSchema, windowSchema } from './window.js';

const contentSchema = z.union([
  z.string(),
  z.array(z.object({ type: z.literal('text'), text: z.string() })).readonly(),
]);

const saidSchema = z.object({ role: z.enum(['system', 'developer', 'user']), content: contentSchema });

const assistantSchema = z
  .object({
    role: z.literal('assistant'),
    content: contentSchema.nullish(),
    tool_calls: z.array(toolCallSchema).readonly().nullish(),
  })
  .refine(({ content, tool_calls: calls }) => (content ?? calls?.[0]) !== undefined, {
    path: ['content'],
    error: 'may be null only beside tool_calls',
  });

const toolResultSchema = z.object({
  role: z.literal('tool'),
  content: contentSchema,
  /** Of the call that it answers. */
  tool_call_id: z.string(),
});

/** `developer` is what newer clients call `system`. */
export const messageSchema = z
  .discriminatedUnion('role', [saidSchema, assistantSchema, toolResultSchema])
  .openapi('ChatMessage');

/** How tokens are chosen, shared by all that generate. `null` is the same as absent. */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16).readonly()]).nullish(),
  max_tokens: z.int().min(1).nullish(),
};

/** Passed on to an endpoint as they are; see docs/server.md. */
export const toolFields = {
  tools: z.array(z.record(z.string(), z.unknown())).readonly().nullish(),
  tool_choice: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
};

/** Streaming, and whether its last chunk counts tokens. */
export const streamFields = {
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
};

/** The part of a request that is Mneme's own. */
export const chatExtensionSchema = z
  .strictObject({
    /** The conversation this belongs to. With one, only the last message is new: the turns before are in the archive. */
    session: nameSchema.optional(),
    /** `false`: nothing is recalled and nothing is kept. */
    memory: z.boolean().optional(),
    /** Of the reasons in `window`; that of the message when absent. */
    language: languageSchema.optional(),
  })
  .openapi('ChatExtension');

export const chatRequestSchema = z
  .looseObject({
    /** The only model, or the first, when absent. */
    model: z.string().max(300).nullish(),
    messages: z.array(messageSchema).min(1).max(10_000).readonly(),
    ...samplingFields,
    ...streamFields,
    max_completion_tokens: z.int().min(1).nullish(),
    ...toolFields,
    user: nameSchema.nullish(),
    /** `session` and `memory` ("true", "false") may stand here too, for clients that cannot send other fields. */
    metadata: z.record(z.string(), z.string()).nullish(),
    mneme: chatExtensionSchema.nullish(),
  })
  .openapi('ChatRequest');

export const usageSchema = z
  .object({ prompt_tokens: z.number(), completion_tokens: z.number(), total_tokens: z.number() })
  .openapi('Usage');

/** `content_filter`: the endpoint that answers took the rest away. `tool_calls`: it waits for what they give. */
export const finishReasonSchema = z.enum(['stop', 'length', 'content_filter', 'tool_calls']);

/** A turn of a conversation as the archive keeps it. */
export const turnSchema = z
  .object({
    /** Item of the archive. */
    id: z.string(),
    /** Ascending within a conversation, not always by one. */
    turn: z.number(),
    session: z.string(),
    role: z.enum(['user', 'assistant']),
    text: z.string(),
    /** ISO 8601. */
    time: z.string(),
    /** Calls of tools between a message and its answer. */
    steps: z.array(toolStepSchema).readonly().optional(),
  })
  .openapi('Turn');

/** What an answer says beyond OpenAI's format; all of it is absent without memory. */
export const answerExtensionSchema = z
  .object({
    session: z.string().optional(),
    /** The message, once it is stored. */
    userTurn: turnSchema.optional(),
    /** What the model was given. */
    window: windowSchema.optional(),
    /** The answer, once it is stored. */
    assistantTurn: turnSchema.optional(),
    /**
     * `end`: by itself. `length`: at the tokens it may have. `content-filter`: at the endpoint's filter. `stopped`: by the
     * client. `not-in-documents`: the documents do not say it, and no model was asked.
     */
    finish: z.enum(['end', 'length', 'content-filter', 'stopped', 'not-in-documents']).optional(),
    citations: z.array(citationSchema).readonly().optional(),
  })
  .openapi('AnswerExtension');

export const chatResponseSchema = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.number(),
    model: z.string(),
    choices: z
      .array(
        z.object({
          index: z.number(),
          message: z.object({
            role: z.literal('assistant'),
            /** Null beside `tool_calls`, where nothing is said. */
            content: z.string().nullable(),
            refusal: z.null(),
            tool_calls: z.array(toolCallSchema).readonly().optional(),
          }),
          logprobs: z.null(),
          finish_reason: finishReasonSchema,
        }),
      )
      .readonly(),
    usage: usageSchema,
    mneme: answerExtensionSchema.optional(),
  })
  .openapi('ChatResponse');

/**
 * One `data:` line of a stream. With memory, the first carries `session`, `userTurn` and `window`, the one with the
 * `finish_reason` `assistantTurn`, `finish` and `citations`. A stream that fails midway ends with an `Error` body as its
 * last line, and without `[DONE]`.
 */
export const chatChunkSchema = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion.chunk'),
    created: z.number(),
    model: z.string(),
    /** Empty in the chunk that counts tokens. */
    choices: z
      .array(
        z.object({
          index: z.number(),
          delta: z.object({
            role: z.literal('assistant').optional(),
            content: z.string().optional(),
            /** All calls of an answer, each whole, in one chunk. */
            tool_calls: z
              .array(toolCallSchema.extend({ index: z.number() }))
              .readonly()
              .optional(),
          }),
          logprobs: z.null(),
          finish_reason: finishReasonSchema.nullable(),
        }),
      )
      .readonly(),
    usage: usageSchema.nullish(),
    mneme: answerExtensionSchema.optional(),
  })
  .openapi('ChatChunk');

export type ChatMessage = z.input<typeof messageSchema>;
export type ChatRequest = z.input<typeof chatRequestSchema>;
export type ChatResponse = z.output<typeof chatResponseSchema>;
export type ChatChunk = z.output<typeof chatChunkSchema>;
export type FinishReason = z.output<typeof finishReasonSchema>;
export type AnswerExtension = z.output<typeof answerExtensionSchema>;
export type Turn = z.output<typeof turnSchema>;
export type Usage = z.output<typeof usageSchema>;
