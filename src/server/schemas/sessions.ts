// What the routes about conversations take and give. Knows nothing of the archive they are kept in.
import { z } from '@hono/zod-openapi';
import { samplingFields, streamFields, toolFields, turnSchema } from './chat.js';
import { languageSchema, nameSchema } from './common.js';
import { windowSchema } from './window.js';

export const sessionSchema = z
  .object({
    id: z.string(),
    /** The beginning of the first message. */
    title: z.string(),
    turns: z.number(),
    /** ISO 8601. */
    startedAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi('Session');

/** The one that was used last comes first. */
export const sessionsResponseSchema = z
  .object({ sessions: z.array(sessionSchema).readonly() })
  .openapi('SessionsResponse');

/** In order; the last is the newest. */
export const turnsResponseSchema = z
  .object({ session: z.string(), turns: z.array(turnSchema).readonly() })
  .openapi('TurnsResponse');

/** What the model was given for an answer, with the texts as they are held now, and the same in words, a line each. */
export const turnWindowResponseSchema = z
  .object({ window: windowSchema, explanation: z.array(z.string()).readonly() })
  .openapi('TurnWindowResponse');

/** A new conversation that shares this one's turns up to and with `turn`, the number of a turn. */
export const branchRequestSchema = z
  .strictObject({ user: nameSchema.optional(), turn: z.int().min(0) })
  .openapi('BranchRequest');
export const branchResponseSchema = z.object({ session: z.string() }).openapi('BranchResponse');

/** Answers the last message again, in the place of its answer; given and streamed as `/v1/chat/completions` does. */
export const regenerateRequestSchema = z
  .strictObject({
    user: nameSchema.optional(),
    model: z.string().max(300).nullish(),
    /** Of the reasons in `window`; that of the message when absent. */
    language: languageSchema.optional(),
    ...samplingFields,
    ...streamFields,
    ...toolFields,
  })
  .openapi('RegenerateRequest');

export type Session = z.output<typeof sessionSchema>;
export type SessionsResponse = z.output<typeof sessionsResponseSchema>;
export type TurnsResponse = z.output<typeof turnsResponseSchema>;
export type TurnWindowResponse = z.output<typeof turnWindowResponseSchema>;
export type BranchRequest = z.input<typeof branchRequestSchema>;
export type BranchResponse = z.output<typeof branchResponseSchema>;
export type RegenerateRequest = z.input<typeof regenerateRequestSchema>;
