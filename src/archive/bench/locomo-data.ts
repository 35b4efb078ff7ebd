// Reads LoCoMo's JSON: conversations of many sessions, and questions with the turns that answer them. Knows nothing of recall.
// Source: Maharana et al., "Evaluating Very Long-Term Conversational Memory of LLM Agents", ACL 2024; github.com/snap-research/LoCoMo.
import { z } from 'zod';
import { DataError } from '../../core/errors.js';

const turnSchema = z.object({
  speaker: z.string(),
  dia_id: z.string(),
  text: z.string(),
  blip_caption: z.string().optional(),
});
const conversationSchema = z.object({
  sample_id: z.string().optional(),
  conversation: z.record(z.string(), z.unknown()),
  qa: z.array(z.object({ question: z.string(), evidence: z.array(z.string()), category: z.number() })),
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
function timeOf(text: unknown): Date {
  const match = /(\d{1,2}):(\d\d) (am|pm) on (.+)$/.exec(String(text));
  const date = new Date(`${match?.[4]} UTC`);
  if (match === null || Number.isNaN(date.getTime()))
    throw new DataError(`LoCoMo: "${String(text)}" is no session time such as "1:56 pm on 8 May, 2023".`);
  date.setUTCHours((Number(match[1]) % 12) + (match[3] === 'pm' ? 12 : 0), Number(match[2]));
  return date;
}

/** A photo is shown to the other speaker; its caption stands for it, as in LoCoMo's own prompts. */
const textOf = ({ text, blip_caption: caption }: RawTurn): string =>
  caption === undefined ? text : `${text} [shares ${caption}]`;

function turnsOf(conversation: Readonly<Record<string, unknown>>): LocomoTurn[] {
  const turns: LocomoTurn[] = [];
  for (let n = 1; conversation[`session_${n}`] !== undefined; n++) {
    const session = `session_${n}`;
    const time = timeOf(conversation[`${session}_date_time`]);
    for (const turn of z.array(turnSchema).parse(conversation[session]))
      turns.push({ id: turn.dia_id, session, time, speaker: turn.speaker, text: textOf(turn) });
  }
  return turns;
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
      // Some strings name several turns ("D8:6; D9:17").
      const ids = [...new Set(evidence.flatMap((text) => text.split(/[;,\s]+/)))].filter((id) =>
        known.has(id),
      );
      return named === undefined || ids.length === 0 ? [] : [{ question, category: named, evidence: ids }];
    });
    return { name: `${i + 1}: ${name ?? 'conversation'}`, turns, questions };
  });
}
