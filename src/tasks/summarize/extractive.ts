// Summarizes by choosing sentences of the text itself, without any model. Knows nothing of training.
import { Analyzer } from '../../archive/analysis/analyzer.js';
import { ConfigError } from '../../core/errors.js';
import { rougeTokenizer } from '../../metrics/rouge-tokenizer.js';
import { cosineSimilarity, textRank } from './text-rank.js';
import { type Utterance, utterancesOf } from './utterances.js';

export interface ExtractiveOptions {
  /** `text-rank`: the sentences that have most in common with the others; `lead`: the first ones. Default `text-rank`. */
  readonly method?: 'text-rank' | 'lead';
  /** Sentences at most; 3 for `lead`, otherwise as many as there are words for. */
  readonly sentences?: number | undefined;
  /** Words aimed at (Chinese characters count as words); a fifth of the text by default, from 20 to 100. Not for `lead`. */
  readonly words?: number | undefined;
}

export interface ExtractiveSummary {
  readonly text: string;
  /** The sentences that were chosen, in reading order; `text.slice(start, end)` of the source. */
  readonly sentences: readonly Utterance[];
}

/** The first sentences are this much more likely to matter, fading over a few sentences. */
const leadWeight = 2;
const leadSentences = 3;
/** What a sentence loses for saying again what was chosen, as a part of the best score. Carbonell and Goldstein 1998. */
const redundancyWeight = 0.5;
/** What a sentence gains when nobody who says it was chosen yet, as a part of the best score. */
const newSpeakerWeight = 0.2;
/** Shorter sentences count less, by the square root. */
const fullLength = 12;
/** More sentences are thinned out first, so that the time does not grow with their square. */
const rankedTogether = 400;

const countWords = (text: string): number => wordsOf(text).length;
const wordsOf = rougeTokenizer({ tokenize: 'characters' });
const analyzer = new Analyzer();

/**
 * A summary made of sentences of the text, in English, Chinese or both; the same each time. In a dialogue names stay with what
 * is said. TextRank (Mihalcea and Tarau 2004) with a preference for the beginning, for sentences that say something new (maximal
 * marginal relevance, Carbonell and Goldstein 1998) and for hearing everyone.
 *
 * @throws {ConfigError} when the sizes make no sense
 *
 * @example
 * extractiveSummary(article).text;
 * extractiveSummary(article, { method: 'lead', sentences: 3 }).text;
 */
export function extractiveSummary(text: string, options: ExtractiveOptions = {}): ExtractiveSummary {
  const { method = 'text-rank', sentences = method === 'lead' ? leadSentences : Infinity } = options;
  if (!(sentences >= 1) || !((options.words ?? 1) >= 1)) {
    throw new ConfigError('A summary needs at least one sentence and one word. Give larger numbers.', {
      fields: { sentences, words: options.words },
    });
  }
  const all = utterancesOf(text);
  const words = options.words ?? Math.min(100, Math.max(20, Math.round(countWords(text) / 5)));
  const chosen = method === 'lead' ? all.slice(0, sentences) : choose(shortlist(all), words, sentences);
  return { text: written(chosen), sentences: chosen };
}

/** Candidates few enough to be compared with each other: the best of every stretch of a long text. */
function shortlist(all: readonly Utterance[]): readonly Utterance[] {
  if (all.length <= rankedTogether) return all;
  const kept: Utterance[] = [];
  for (let at = 0; at < all.length; at += rankedTogether) {
    const stretch = all.slice(at, at + rankedTogether);
    const { scores } = rank(stretch, at === 0);
    const best = [...stretch.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
    const count = Math.ceil(stretch.length / 4);
    kept.push(
      ...best
        .slice(0, count)
        .sort((a, b) => a - b)
        .flatMap((i) => stretch[i] ?? []),
    );
  }
  return shortlist(kept);
}

interface Ranking {
  /** Of each sentence, the best 1. */
  readonly scores: readonly number[];
  readonly similarity: (i: number, j: number) => number;
}

function rank(sentences: readonly Utterance[], isBeginning: boolean): Ranking {
  const similarity = cosineSimilarity(sentences.map(({ text }) => analyzer.analyze(text).terms));
  const prior = sentences.map((_, i) => 1 + (isBeginning ? leadWeight * Math.exp(-i / leadSentences) : 0));
  const scores = textRank(similarity, prior).map(
    (score, i) => score * Math.sqrt(Math.min(1, countWords(sentences[i]?.text ?? '') / fullLength)),
  );
  const best = Math.max(...scores);
  return { scores: scores.map((score) => score / best), similarity };
}

/** One after the other the sentence that adds most, until there are enough words. */
function choose(candidates: readonly Utterance[], words: number, most: number): Utterance[] {
  const { scores, similarity } = rank(candidates, true);
  const lengths = candidates.map((candidate) => countWords(written([candidate])));
  const chosen: number[] = [];
  const left = new Set(candidates.keys());
  const gain = (i: number): number => {
    const redundancy = Math.max(0, ...chosen.map((j) => similarity(i, j)));
    const isNew = chosen.length > 0 && chosen.every((j) => candidates[j]?.speaker !== candidates[i]?.speaker);
    return (scores[i] ?? 0) - redundancyWeight * redundancy + (isNew ? newSpeakerWeight : 0);
  };
  for (let room = words; left.size > 0 && chosen.length < most && room > 0.2 * words;) {
    const fitting = [...left].filter((i) => chosen.length === 0 || (lengths[i] ?? 0) <= room + 0.15 * words);
    const [best] = fitting.map((i) => ({ i, gain: gain(i) })).sort((a, b) => b.gain - a.gain || a.i - b.i);
    if (best === undefined) break;
    chosen.push(best.i);
    left.delete(best.i);
    room -= lengths[best.i] ?? 0;
  }
  return chosen.sort((a, b) => a - b).flatMap((i) => candidates[i] ?? []);
}

const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303F\uFF00-\uFF65]$/u;

/** Sentences one after the other; in a dialogue a line for each turn, with its speaker. */
function written(sentences: readonly Utterance[]): string {
  let text = '';
  let last: string | undefined;
  for (const { speaker, text: sentence } of sentences) {
    if (speaker !== last) text += `${text === '' ? '' : '\n'}${speaker}: `;
    else if (text !== '' && !unspaced.test(text)) text += ' ';
    text += sentence;
    last = speaker;
  }
  return text;
}
