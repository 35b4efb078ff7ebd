// What the memory routes take and give. Mirrors the types of the archive; knows nothing of how they are served.
import { z } from '@hono/zod-openapi';
import { itemKinds } from '../../archive/types.js';
import { countQuery, languageSchema, momentSchema, nameSchema, userQuery } from './common.js';

/** A text of any length: the archive says what is too long. */
const textSchema = z.string();
const idSchema = z.string().max(32).openapi('ItemId', { example: '3-141' });
const kindSchema = z.enum(itemKinds);
const countsSchema = z.record(z.string(), z.number());

export const itemSchema = z
  .object({
    id: idSchema,
    kind: kindSchema,
    user: z.string(),
    text: z.string(),
    /** ISO 8601. */
    time: z.string(),
    session: z.string().optional(),
    speaker: z.string().optional(),
    document: z.string().optional(),
    /** Position within the session or document. */
    turn: z.number().optional(),
    tokens: z.number(),
    /** How often nearly the same was said again. */
    repeats: z.number(),
    supersededAt: z.string().optional(),
    fact: z
      .object({
        subject: z.string(),
        attribute: z.string(),
        value: z.string(),
        negated: z.boolean(),
        confidence: z.number(),
        validFrom: z.string(),
        validTo: z.string().optional(),
      })
      .optional(),
    /** The episodes a fact or summary was made from. */
    sources: z.array(idSchema).readonly(),
  })
  .openapi('Item');

export const outcomeSchema = z
  .object({
    status: z.enum(['stored', 'duplicate', 'near-duplicate', 'echo', 'rejected']),
    id: idSchema.optional(),
    reason: z.string().optional(),
    facts: z.array(idSchema).readonly(),
    redacted: countsSchema.optional(),
  })
  .openapi('Outcome');

const episodeFields = {
  text: textSchema,
  session: nameSchema.optional(),
  speaker: nameSchema.optional(),
  time: momentSchema.optional(),
  expiresAt: momentSchema.optional(),
};

/** One text, or many under `episodes`; `user` holds for all of them. */
export const rememberRequestSchema = z
  .strictObject({
    user: nameSchema.optional(),
    episodes: z.array(z.strictObject(episodeFields)).min(1).max(1000).readonly(),
  })
  .or(z.strictObject({ user: nameSchema.optional(), ...episodeFields }))
  .openapi('RememberRequest');

/** One outcome for each text, in order. */
export const rememberResponseSchema = z
  .object({ outcomes: z.array(outcomeSchema).readonly() })
  .openapi('RememberResponse');

const recallFields = {
  question: textSchema,
  user: nameSchema.optional(),
  allUsers: z.boolean().optional(),
  session: nameSchema.optional(),
  kinds: z.array(kindSchema).readonly().optional(),
  since: momentSchema.optional(),
  until: momentSchema.optional(),
  at: momentSchema.optional(),
  /** Whose midnight begins "yesterday": a name of the IANA database. */
  timeZone: nameSchema.optional(),
  /** Of the explanations; that of the question when absent. */
  language: languageSchema.optional(),
};

export const recallRequestSchema = z
  .strictObject({
    ...recallFields,
    limit: z.int().optional(),
    /** Turns before and after each result. */
    neighbours: z.int().optional(),
  })
  .openapi('RecallRequest');

export const scorePartsSchema = z
  .object({
    text: z
      .object({
        rank: z.number(),
        score: z.number(),
        context: z.number(),
        speaker: z.number(),
        fact: z.number(),
      })
      .optional(),
    vector: z.object({ rank: z.number(), similarity: z.number() }).optional(),
    date: z.object({ rank: z.number() }).optional(),
    freshness: z.number(),
    fused: z.number(),
    validity: z.number(),
    diversity: z.number(),
    later: z.number(),
  })
  .openapi('ScoreParts');

export const recollectionSchema = z
  .object({
    item: itemSchema,
    /** Comparable within one recall only. */
    score: z.number(),
    parts: scorePartsSchema,
    terms: z.array(z.object({ term: z.string(), score: z.number() })).readonly(),
    neighbours: z.array(itemSchema).readonly(),
    /** The same in words, a line each. */
    explanation: z.array(z.string()).readonly(),
  })
  .openapi('Recollection');

export const recallResponseSchema = z
  .object({ results: z.array(recollectionSchema).readonly() })
  .openapi('RecallResponse');

/** Why an item is recalled for a question, or is not. */
export const explainRequestSchema = z
  .strictObject({ ...recallFields, id: idSchema })
  .openapi('ExplainRequest');

export const explainResponseSchema = z
  .object({
    /** Place among the results, from 1; `null` when it is not among the first 200. */
    rank: z.number().nullable(),
    result: recollectionSchema.nullable(),
  })
  .openapi('ExplainResponse');

/** Exactly one way of choosing; `everything` with a `user` forgets all that is held of them. */
export const forgetRequestSchema = z
  .strictObject({
    user: nameSchema.optional(),
    ids: z.array(idSchema).min(1).max(10_000).readonly().optional(),
    session: nameSchema.optional(),
    document: z.int().optional(),
    query: textSchema.optional(),
    everything: z.literal(true).optional(),
    keepSources: z.boolean().optional(),
    dryRun: z.boolean().optional(),
  })
  .openapi('ForgetRequest');

export const receiptSchema = z
  .object({
    /** Names the receipt; absent of a dry run. */
    id: z.string().optional(),
    at: z.string(),
    reason: z.string(),
    removed: z.object({
      episodes: z.number(),
      facts: z.number(),
      chunks: z.number(),
      summaries: z.number(),
      documents: z.number(),
      vectors: z.number(),
      historyEntries: z.number(),
      windows: z.number(),
      profiles: z.number(),
      toolSteps: z.number(),
    }),
    ids: z.array(idSchema).readonly(),
    scrubbed: z.boolean(),
  })
  .openapi('Receipt');

/** `before` is the id of the last item of the page before. */
export const itemsQuerySchema = userQuery.extend({
  kind: kindSchema.optional(),
  session: nameSchema.optional(),
  before: idSchema.optional(),
  limit: countQuery(500).optional(),
});

/** The newest first. */
export const itemsResponseSchema = z
  .object({
    items: z.array(itemSchema).readonly(),
    /** What to give as `before` for the next page; `null` at the end. */
    next: idSchema.nullable(),
  })
  .openapi('ItemsResponse');

/** A new text for an episode: the old item is taken out of recall, the new one has its session, place, speaker and time. */
export const editRequestSchema = z.strictObject({ text: textSchema }).openapi('EditRequest');

export const editResponseSchema = z
  .object({
    /** The new item. */
    id: idSchema,
    /** Facts found in the new text. */
    facts: z.array(idSchema).readonly(),
    /** Undo it to bring the old text back. */
    operation: z.number(),
  })
  .openapi('EditResponse');

export const historyQuerySchema = userQuery.extend({ limit: countQuery(10_000).optional() });

export const historyResponseSchema = z
  .object({
    entries: z
      .array(
        z.object({
          operation: z.number(),
          at: z.string(),
          id: idSchema,
          action: z.string(),
          field: z.string(),
          before: z.string().nullable(),
          after: z.string().nullable(),
        }),
      )
      .readonly(),
  })
  .openapi('HistoryResponse');

export const undoRequestSchema = z.strictObject({ operation: z.int() }).openapi('UndoRequest');
/** The operation that undoes the undoing. */
export const undoResponseSchema = z.object({ operation: z.number() }).openapi('UndoResponse');

export const usersResponseSchema = z
  .object({ users: z.array(z.string()).readonly() })
  .openapi('UsersResponse');

export const factsResponseSchema = z
  .object({ facts: z.array(itemSchema).readonly() })
  .openapi('FactsResponse');

export const documentsResponseSchema = z
  .object({
    documents: z
      .array(z.object({ document: z.number(), title: z.string(), addedAt: z.string(), chunks: z.number() }))
      .readonly(),
  })
  .openapi('DocumentsResponse');

export type Item = z.output<typeof itemSchema>;
export type Outcome = z.output<typeof outcomeSchema>;
export type RememberRequest = z.input<typeof rememberRequestSchema>;
export type RememberResponse = z.output<typeof rememberResponseSchema>;
export type RecallRequest = z.input<typeof recallRequestSchema>;
export type RecallResponse = z.output<typeof recallResponseSchema>;
export type Recollection = z.output<typeof recollectionSchema>;
export type ScoreParts = z.output<typeof scorePartsSchema>;
export type ExplainRequest = z.input<typeof explainRequestSchema>;
export type ExplainResponse = z.output<typeof explainResponseSchema>;
export type ForgetRequest = z.input<typeof forgetRequestSchema>;
export type Receipt = z.output<typeof receiptSchema>;
export type ItemsQuery = z.input<typeof itemsQuerySchema>;
export type ItemsResponse = z.output<typeof itemsResponseSchema>;
export type EditRequest = z.input<typeof editRequestSchema>;
export type EditResponse = z.output<typeof editResponseSchema>;
export type HistoryResponse = z.output<typeof historyResponseSchema>;
export type UndoRequest = z.input<typeof undoRequestSchema>;
export type UndoResponse = z.output<typeof undoResponseSchema>;
export type UsersResponse = z.output<typeof usersResponseSchema>;
export type FactsResponse = z.output<typeof factsResponseSchema>;
export type DocumentsResponse = z.output<typeof documentsResponseSchema>;
