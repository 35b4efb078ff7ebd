// Measures how much of the evidence for LoCoMo's questions is recalled, beside textbook BM25 over the same words.
import { DataError } from '../../core/errors.js';
import { Analyzer } from '../analysis/analyzer.js';
import type { Archive } from '../archive.js';
import type { LongWork } from '../progress.js';
import { reportProgress } from '../progress.js';
import type { Category, LocomoConversation } from './locomo-data.js';
import { categories, readLocomo } from './locomo-data.js';
import type { RecallFigures } from './recall-at.js';
import { RecallMeter } from './recall-at.js';
import { textbookBm25 } from './textbook-bm25.js';

export interface LocomoReport extends RecallFigures {
  readonly conversations: number;
  readonly questions: number;
  readonly byCategory: Readonly<Record<Category, RecallFigures>>;
  readonly baseline: RecallFigures & { readonly byCategory: Readonly<Record<Category, RecallFigures>> };
}

/** Meters for all questions and for each category. */
class Meters {
  readonly all = new RecallMeter();
  readonly #byCategory = new Map(Object.values(categories).map((category) => [category, new RecallMeter()]));

  add(category: Category, ranking: readonly string[], wanted: readonly string[]): void {
    this.all.add(ranking, wanted);
    this.#byCategory.get(category)?.add(ranking, wanted);
  }

  byCategory(): Record<Category, RecallFigures> {
    const entries = [...this.#byCategory].map(([category, meter]) => [category, meter.figures()]);
    return Object.fromEntries(entries) as Record<Category, RecallFigures>;
  }
}

/** Stores a conversation for a user of its own and returns the turns' ids by item id. */
async function store(
  archive: Archive,
  { name, turns }: LocomoConversation,
): Promise<ReadonlyMap<string, string>> {
  const outcomes = await archive.rememberAll(
    turns.map(({ session, time, speaker, text }) => ({ user: name, session, time, speaker, text })),
  );
  const turnIds = new Map<string, string>();
  for (const [i, { status, id, reason }] of outcomes.entries()) {
    if (id === undefined) throw new DataError(`LoCoMo turn ${turns[i]?.id} was not stored: ${reason}`);
    if (status === 'stored') turnIds.set(id, turns[i]?.id ?? '');
  }
  return turnIds;
}

/**
 * Turns are the units; questions of categories 1-4 with evidence count. The archive must be empty and may have an
 * embedder.
 *
 * @param json the parsed content of LoCoMo's file
 */
export async function benchLocomo(
  archive: Archive,
  json: unknown,
  work: LongWork = {},
): Promise<LocomoReport> {
  const conversations = readLocomo(json);
  const total = conversations.reduce((sum, { questions }) => sum + questions.length, 0);
  let asked = 0;
  const analyzer = new Analyzer();
  const [ours, baseline] = [new Meters(), new Meters()];
  for (const conversation of conversations) {
    const turnIds = await store(archive, conversation);
    const bm25 = textbookBm25(
      analyzer,
      conversation.turns.map(({ id, speaker, text }) => ({ id, text: `${speaker}: ${text}` })),
    );
    for (const { question, category, evidence } of conversation.questions) {
      const results = await archive.recall(question, {
        user: conversation.name,
        kinds: ['episode'],
        limit: 20,
      });
      ours.add(
        category,
        results.map(({ item }) => turnIds.get(item.id) ?? ''),
        evidence,
      );
      baseline.add(category, bm25(question), evidence);
      reportProgress(work, { phase: 'ask', done: ++asked, total });
    }
  }
  return {
    conversations: conversations.length,
    questions: total,
    ...ours.all.figures(),
    byCategory: ours.byCategory(),
    baseline: { ...baseline.all.figures(), byCategory: baseline.byCategory() },
  };
}
