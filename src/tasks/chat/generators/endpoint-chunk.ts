// What an OpenAI-compatible endpoint sends of an answer, whole or in chunks. Knows no connection.
// Source: OpenAI API reference, "Chat", "Streaming".
import { z } from 'zod';
import type { AnswerEnd } from '../generator.js';
import type { ToolCall } from '../tools.js';

/** A call, or a part of one: the first part has id and name, the others more of the arguments. */
const callSchema = z.object({
  index: z.int().nonnegative().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

const sayingSchema = z.object({ content: z.string().nullish(), tool_calls: z.array(callSchema).nullish() });

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: sayingSchema.nullish(),
        message: sayingSchema.nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .optional(),
  error: z.union([z.string(), z.object({ message: z.string() })]).nullish(),
});

/** Reasons that stand for another end than one by itself. */
const ends: ReadonlyMap<string, AnswerEnd> = new Map([
  ['length', 'length'],
  ['content_filter', 'content-filter'],
]);

type CallPart = z.output<typeof callSchema>;

/** A piece of an answer; the last has why it ended. */
export interface Chunk {
  readonly text: string;
  readonly calls: readonly CallPart[];
  readonly end?: AnswerEnd;
}

/** @param broken makes the error for what is no chunk */
export function readChunk(data: string, broken: (what: string, cause?: unknown) => Error): Chunk {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch (cause) {
    throw broken(`sent something that is not JSON: ${JSON.stringify(data.slice(0, 80))}`, cause);
  }
  const parsed = chunkSchema.safeParse(json);
  if (!parsed.success) throw broken(`sent something else: ${z.prettifyError(parsed.error)}`);
  const { choices = [], error } = parsed.data;
  if (error !== undefined && error !== null)
    throw broken(`failed: ${(typeof error === 'string' ? error : error.message).slice(0, 200)}`);
  const [choice] = choices;
  const said = choice?.delta ?? choice?.message;
  const reason = choice?.finish_reason ?? undefined;
  return {
    text: said?.content ?? '',
    calls: said?.tool_calls ?? [],
    ...(reason !== undefined && { end: ends.get(reason) ?? 'end' }),
  };
}

/** Puts calls together from their parts. */
export class CallParts {
  readonly #calls = new Map<number, ToolCall>();

  /** A part without an index begins the next call where it has an id, and otherwise belongs to the last one. */
  add(parts: readonly CallPart[]): void {
    for (const { index, id, function: called } of parts) {
      const last = this.#calls.size - 1;
      const at = index ?? (typeof id === 'string' ? last + 1 : Math.max(0, last));
      const known = this.#calls.get(at);
      this.#calls.set(at, {
        id: known?.id ?? id ?? `call_${crypto.randomUUID()}`,
        name: `${known?.name ?? ''}${called?.name ?? ''}`,
        arguments: `${known?.arguments ?? ''}${called?.arguments ?? ''}`,
      });
    }
  }

  /** In the order of their indices. */
  get calls(): readonly ToolCall[] {
    return [...this.#calls].sort(([one], [other]) => one - other).map(([, call]) => call);
  }
}
