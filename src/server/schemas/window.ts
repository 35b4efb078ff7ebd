// What a model was given for an answer, as plain data. Mirrors ChatWindow of tasks/chat, where each field is explained.
import { z } from '@hono/zod-openapi';
import { itemKinds } from '../../archive/types.js';
import { toolCallSchema, toolStepSchema } from './tools.js';

const partKindSchema = z.enum(['profile', 'summary', 'recalled', 'knowledge', 'turns', 'message']);

/** Where a passage of a document stands; `[number]` in the answer refers to it. */
export const citationSchema = z
  .object({ number: z.number(), file: z.string(), place: z.string() })
  .openapi('Citation');

/** A message in OpenAI's format, as the model was given it. */
const givenMessageSchema = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string().nullable(),
  tool_calls: z.array(toolCallSchema).readonly().optional(),
  tool_call_id: z.string().optional(),
});

export const windowItemSchema = z
  .object({
    /** Item of the archive, where it is one. */
    id: z.string().optional(),
    text: z.string(),
    /** Why `text` only says that the text is not to be had: it was forgotten since, or was no item and is not kept. */
    missing: z.enum(['forgotten', 'not-kept']).optional(),
    tokens: z.number(),
    role: z.enum(['user', 'assistant']).optional(),
    kind: z.enum(itemKinds).optional(),
    /** Comparable within one part only. */
    score: z.number().optional(),
    /** Why it was found, one reason a line. */
    reasons: z.array(z.string()).readonly().optional(),
    session: z.string().optional(),
    /** The turn it comes from. */
    turn: z.number().optional(),
    speaker: z.string().optional(),
    time: z.string().optional(),
    citation: citationSchema.optional(),
    /** Calls of tools between a message and its answer. */
    steps: z.array(toolStepSchema).readonly().optional(),
    /** After how many characters results in them were cut. */
    resultsUpTo: z.number().optional(),
  })
  .openapi('WindowItem');

export const windowPartSchema = z
  .object({
    kind: partKindSchema,
    /** Most tokens that the part may have. */
    budget: z.number(),
    tokens: z.number(),
    items: z.array(windowItemSchema).readonly(),
  })
  .openapi('WindowPart');

/** Something that was not given as it is. */
export const windowCutSchema = z
  .object({
    part: partKindSchema,
    how: z.enum(['left-out', 'shortened', 'unreadable', 'results-cut', 'calls-left-out']),
    id: z.string().optional(),
    turn: z.number().optional(),
    /** What it would have taken, and what was given of it. */
    tokens: z.number(),
    kept: z.number(),
  })
  .openapi('WindowCut');

export const windowSchema = z
  .object({
    parts: z.array(windowPartSchema).readonly(),
    /** Tokens of the whole prompt. */
    tokens: z.number(),
    /** What prompt and answer may have together, and what of it is kept free for the answer. */
    limit: z.number(),
    answerTokens: z.number(),
    /** Of the tools that were offered, in `tokens`. */
    toolTokens: z.number().optional(),
    /** Tokens are estimated: the model's own tokenizer is not known. */
    estimated: z.literal(true).optional(),
    /** Word for word what the model was given. */
    messages: z.array(givenMessageSchema).readonly(),
    cut: z.array(windowCutSchema).readonly(),
  })
  .openapi('ChatWindow');

export type ChatWindow = z.output<typeof windowSchema>;
export type WindowPart = z.output<typeof windowPartSchema>;
export type WindowItem = z.output<typeof windowItemSchema>;
export type WindowCut = z.output<typeof windowCutSchema>;
export type Citation = z.output<typeof citationSchema>;
