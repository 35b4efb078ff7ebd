// Reads LoCoMo's JSON: conversations of many sessions, and questions with the turns that answer them. Knows nothing of recall.
// Source: Maharana et al., "Evaluating Very Long-Term Conversational Memory of LLM Agents", ACL 2024; github.com/snap-research/LoCoMo.
import { z } from 'zod';
import { DataError } from '../../core/errors.js';

/** A photo may come without words. */
const turnSchema = z.object({
  speaker: z.string(),
  dia_id: z.string(),
  text: z.string().nullish(),
  blip_caption: z.string().nullish(),
});
const conversationSchema = z.object({
  sample_id: z.coerce.string().optional(),
  conversation: z.record(z.string(), z.unknown()),
  qa: z.array(
    z.object({
      question: z.string(),
      evidence: z.union([z.array(z.string()), z.string()]).nullish(),
      category: z.coerce.number(),
    }),
  ),
});
type RawTurn = z.infer<typeof turnSchema>;

export interface LocomoTurn {
  /** `D3:11`: turn 11 of session 3. */
  readonly id: string;
  readonly session: string;
  readonly time: Date;
  readonly speaker: string;
  readonly text: string;
}

/** The numbers in the data; adversarial questions (5) have no answer and are left out, as published systems do. */
export const categories = { 1: 'multiHop', 2: 'temporal', 3: 'openDomain', 4: 'singleHop' } as const;
export type Category = (typeof categories)[keyof typeof categories];

export interface LocomoQuestion {
  readonly question: string;
  readonly category: Category;
  /** Ids of turns; never empty. */
  readonly evidence: readonly string[];
}

export interface LocomoConversation {
  readonly name: string;
  readonly turns: readonly LocomoTurn[];
  readonly questions: readonly LocomoQuestion[];
}

/** `1:56 pm on 8 May, 2023` */
function timeOf(text: unknown, session: string): Date {
  const match = /(\d{1,2}):(\d\d)\s*(am|pm)\s+on\s+(.+)$/i.exec(String(text).trim());
  const date = new Date(`${match?.[4]} UTC`);
  if (match === null || Number.isNaN(date.getTime()))
    throw new DataError(
      `LoCoMo: the time of ${session} is ${JSON.stringify(text) ?? 'missing'}. Expected one such as "1:56 pm on 8 May, 2023".`,
      { fields: { session } },
    );
  date.setUTCHours((Number(match[1]) % 12) + (match[3]?.toLowerCase() === 'pm' ? 12 : 0), Number(match[2]));
  return date;
}

/** A photo is shown to the other speaker; its caption stands for it, as in LoCoMo's own prompts. */
const textOf = ({ text, blip_caption: caption }: RawTurn): string =>
  (caption ? `${text ?? ''} [shares ${caption}]` : (text ?? '')).trim();

/** The numbers of the sessions there are, in order: some may be missing, or be empty. */
const sessionNumbers = (conversation: Readonly<Record<string, unknown>>): readonly number[] =>
  Object.keys(conversation)
    .flatMap((key) => /^session_(\d+)$/.exec(key)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

function turnsOf(conversation: Readonly<Record<string, unknown>>): LocomoTurn[] {
  return sessionNumbers(conversation).flatMap((n): LocomoTurn[] => {
    const session = `session_${n}`;
    const parsed = z.array(turnSchema).safeParse(conversation[session]);
    if (!parsed.success)
      throw new DataError(`LoCoMo: ${session} is no list of turns: ${z.prettifyError(parsed.error)}`, {
        fields: { session },
      });
    if (parsed.data.length === 0) return [];
    const time = timeOf(conversation[`${session}_date_time`], session);
    return parsed.data
      .map((turn) => ({ id: turn.dia_id, session, time, speaker: turn.speaker, text: textOf(turn) }))
      .filter(({ text }) => text !== '');
  });
}

/** Ids in a piece of evidence: several in one ("D8:6; D9:17"), or written otherwise than those of turns ("D:11:26", "D30:05"). */
function idsIn(evidence: string, known: ReadonlySet<string>): readonly string[] {
  const parts = evidence.split(/[;,\s]+/);
  const numbered = [...evidence.matchAll(/D:?(\d+):(\d+)/g)].map(
    ([, session, turn]) => `D${Number(session)}:${Number(turn)}`,
  );
  return [...parts, ...numbered].filter((id) => known.has(id));
}

/** @throws {DataError} when the value is not LoCoMo's list of conversations */
export function readLocomo(json: unknown): readonly LocomoConversation[] {
  const parsed = z.array(conversationSchema).safeParse(json);
  if (!parsed.success) throw new DataError(`This is not LoCoMo's JSON: ${z.prettifyError(parsed.error)}`);
  return parsed.data.map(({ sample_id: name, conversation, qa }, i) => {
    const turns = turnsOf(conversation);
    const known = new Set(turns.map(({ id }) => id));
    const questions = qa.flatMap(({ question, evidence, category }): LocomoQuestion[] => {
      const named = categories[category as keyof typeof categories];
      const ids = [...new Set([evidence ?? []].flat().flatMap((text) => idsIn(text, known)))];
      return named === undefined || ids.length === 0 ? [] : [{ question, category: named, evidence: ids }];
    });
    return { name: `${i + 1}: ${name?.slice(0, 100) ?? 'conversation'}`, turns, questions };
  });
}
