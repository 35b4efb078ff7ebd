// Passages of documents that may answer a question, and whether they do. Knows nothing of how they got into the archive.
import { Analyzer } from '../../../archive/analysis/analyzer.js';
import type { Archive, Recollection } from '../../../archive/index.js';
import { explainedOf } from '../../../archive/index.js';
import type { WindowSource } from '../window/prompt.js';
import { sourceOfPassage } from '../window/sources.js';
import type { Knowledge } from './knowledge.js';

const analyzer = new Analyzer();
const passageCount = 6;
const defaultThreshold = 0.5;
/** A passage that has less than this part of the words of the best one is not worth its room. */
const besideBest = 0.5;

export interface Passages {
  /** Best first. */
  readonly sources: readonly WindowSource[];
  /** Whether the best of them is likely to hold the answer. */
  readonly areEnough: boolean;
}

export const noPassages: Passages = { sources: [], areEnough: false };

/** Share of the question's telling words that a result has, or how close its meaning is, where there is an embedder. */
export function coverage(result: Recollection, asked: ReadonlySet<string>): number {
  const words = asked.size === 0 ? 0 : result.terms.filter(({ term }) => asked.has(term)).length / asked.size;
  return Math.max(words, result.parts.vector?.similarity ?? 0);
}

/** Words that ask how much, which an answer does not repeat. */
const asksHowMuch =
  /\bhow (?:long|many|much|often|far|old|big|large|tall|late|early)\b|多(?:久|长|少|大|远|高)|几(?:天|个|次|年|月|位|种|件|点)?/giu;

/** The telling words of a question. */
export const tellingWords = (question: string): ReadonlySet<string> =>
  new Set(analyzer.analyze(question.replace(asksHowMuch, ' ')).terms.keys());

/** Looks a question up in the documents. */
export async function findPassages(
  archive: Archive,
  knowledge: Knowledge,
  question: string,
): Promise<Passages> {
  if (!(await archive.knows(knowledge.user))) return noPassages;
  const asked = tellingWords(question);
  const found = await archive.recall(question, {
    user: knowledge.user,
    kinds: ['chunk'],
    limit: passageCount,
  });
  const scored = found.map((result) => ({ result, score: coverage(result, asked) }));
  const best = Math.max(0, ...scored.map(({ score }) => score));
  const sources = scored
    .filter(({ score }) => score > 0 && score >= besideBest * best)
    .map(({ result, score }, i): WindowSource =>
      Object.assign({ score, found: explainedOf(result) }, sourceOfPassage(result.item, i + 1)),
    );
  return { sources, areEnough: best >= (knowledge.threshold ?? defaultThreshold) };
}
