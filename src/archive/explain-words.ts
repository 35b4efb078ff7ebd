// The words in which a score is explained, in both languages. A table; knows nothing of scores.
import type { ItemKind } from './types.js';

export const explanationLanguages = ['en', 'zh'] as const;

export type ExplanationLanguage = (typeof explanationLanguages)[number];

/** Numbers come as they are to be read. */
export interface ExplanationWords {
  readonly kinds: Readonly<Record<ItemKind, string>>;
  readonly scores: (id: string, kind: string, time: string, score: string) => string;
  readonly rankings: Readonly<Record<'text' | 'vector' | 'date', string>>;
  /** @param sum how the rank becomes a part of the score, such as `1 / (20 + 3) = 0.0435` */
  readonly rank: (ranking: string, rank: number, sum: string, detail: string) => string;
  /** @param words each with its part, @param more what was added to them */
  readonly matched: (score: string, words: readonly string[], more: readonly string[]) => string;
  readonly around: (score: string) => string;
  readonly speaker: (factor: number) => string;
  readonly similarity: (cosine: string) => string;
  readonly dated: string;
  readonly freshness: (value: string) => string;
  readonly contradicted: (since: string, percent: string) => string;
  readonly sameSession: (percent: string) => string;
  readonly later: (percent: string) => string;
  readonly madeFrom: (ids: readonly string[]) => string;
  /** @param to absent while it holds */
  readonly holds: (from: string, to: string | undefined, confidence: string) => string;
}

export const explanationWords: Readonly<Record<ExplanationLanguage, ExplanationWords>> = {
  en: {
    kinds: { episode: 'episode', fact: 'fact', chunk: 'chunk', summary: 'summary' },
    scores: (id, kind, time, score) => `${id} (${kind}, ${time}) scores ${score}`,
    rankings: { text: 'words', vector: 'meaning', date: 'time' },
    rank: (ranking, rank, sum, detail) => `${ranking}: rank ${rank}, adds ${sum} (${detail})`,
    matched: (score, words, more) => `BM25 ${score}: ${[words.join(', '), ...more].join(', ')}`,
    around: (score) => `turns around it ${score}`,
    speaker: (factor) => `times ${factor} for the speaker named`,
    similarity: (cosine) => `cosine ${cosine}`,
    dated: 'happened at, or speaks of, the time asked for',
    freshness: (value) => `freshness: ${value} (halves every half year, counted in the ranks)`,
    contradicted: (since, percent) => `contradicted since ${since}: ${percent}`,
    sameSession: (percent) => `further result of its session: ${percent}`,
    later: (percent) => `said later than a result that matches the same: ${percent}`,
    madeFrom: (ids) => `made from ${ids.join(', ')}`,
    holds: (from, to, confidence) =>
      `holds from ${from}${to === undefined ? '' : ` to ${to}`}, confidence ${confidence}`,
  },
  zh: {
    kinds: { episode: '发言', fact: '事实', chunk: '文档', summary: '摘要' },
    scores: (id, kind, time, score) => `${id}（${kind}，${time}）得分 ${score}`,
    rankings: { text: '词语', vector: '语义', date: '时间' },
    rank: (ranking, rank, sum, detail) => `${ranking}：第 ${rank} 名，加 ${sum}（${detail}）`,
    matched: (score, words, more) => `BM25 ${score}：${[words.join('、'), ...more].join('，')}`,
    around: (score) => `前后几轮 ${score}`,
    speaker: (factor) => `因是问到的人所说，乘以 ${factor}`,
    similarity: (cosine) => `余弦 ${cosine}`,
    dated: '发生在所问的时间，或提到了它',
    freshness: (value) => `新近程度：${value}（每半年减半，已计入名次）`,
    contradicted: (since, percent) => `自 ${since} 起与新的说法矛盾：${percent}`,
    sameSession: (percent) => `同一次对话的又一条结果：${percent}`,
    later: (percent) => `比同样相符的结果说得晚：${percent}`,
    madeFrom: (ids) => `来自 ${ids.join('、')}`,
    holds: (from, to, confidence) =>
      `${to === undefined ? `自 ${from} 起成立` : `从 ${from} 到 ${to} 成立`}，置信度 ${confidence}`,
  },
};
