// Answers without any model: the best sentences of what the window holds, with their citations. Knows nothing of where they come from.
import { estimateTokens } from '../../../archive/tokens.js';
import { sentenceSpans } from '../../../text/index.js';
import type { GenerateAnswerOptions, Generator } from '../generator.js';
import { tellingWords } from '../knowledge/passages.js';
import type { ChatLanguage, ChatMessage } from '../message.js';
import { languageOf } from '../message.js';
import type { WindowItem } from '../window/window.js';
import { isQuestion, wording } from '../wording.js';

const windowTokens = 8192;
const sentencesQuoted = 3;
/** A sentence is quoted beside the best one when it has at least this part of its score. */
const besideBest = 0.6;

interface Quote {
  readonly text: string;
  readonly item: WindowItem;
  readonly score: number;
}

/** How rare each word of the question is among the sentences: ln(1 + n / (1 + n with it)). */
function weightsOf(
  asked: ReadonlySet<string>,
  sentences: readonly ReadonlySet<string>[],
): ReadonlyMap<string, number> {
  return new Map(
    [...asked].map((term) => {
      const having = sentences.filter((terms) => terms.has(term)).length;
      return [term, Math.log(1 + sentences.length / (1 + having))];
    }),
  );
}

/** What a word counts that stands only in the heading above a sentence. */
const headingPart = 0.5;

/** The sentences of items that have most of the question's words, best first. */
function bestQuotes(question: string, items: readonly WindowItem[]): readonly Quote[] {
  const asked = tellingWords(question);
  const sentences = items.flatMap((item) => {
    const heading = item.citation?.place ?? '';
    const above = tellingWords(heading);
    return sentenceSpans(item.text, { lineBreaks: 'hard' })
      .map(({ start, end }) => item.text.slice(start, end).trim())
      .filter((text) => text !== heading)
      .map((text) => ({ text, item, above, terms: tellingWords(text) }));
  });
  const weights = weightsOf(
    asked,
    sentences.map(({ terms }) => terms),
  );
  const scored = sentences.map(({ text, item, above, terms }): Quote => {
    let score = 0;
    for (const [term, weight] of weights)
      score += terms.has(term) ? weight : above.has(term) ? headingPart * weight : 0;
    return { text, item, score: score * (1 + (item.score ?? 0) / 4) };
  });
  const best = Math.max(0, ...scored.map(({ score }) => score));
  return scored
    .filter(({ score }) => score > 0 && score >= besideBest * best)
    .sort((one, other) => other.score - one.score)
    .slice(0, sentencesQuoted);
}

function answerTo(question: string, items: readonly WindowItem[], language: ChatLanguage): string {
  const words = wording[language];
  const documents = items.filter(({ citation }) => citation !== undefined);
  const quotes = bestQuotes(question, documents);
  if (quotes.length > 0)
    return quotes.map(({ text, item }) => `${text} [${item.citation?.number ?? 0}]`).join('\n');
  if (!isQuestion(question)) return words.noted;
  // What was said is quoted as it was said; a fact, only where that is not at hand.
  const statements = items.filter(({ text }) => !isQuestion(text));
  const said = statements.filter(({ kind }) => kind !== 'fact');
  const [told] = [...bestQuotes(question, said), ...bestQuotes(question, statements)];
  return told === undefined ? words.notRemembered : words.told(told.item.time?.slice(0, 10) ?? '', told.text);
}

/** Quotes documents with citations, and what was told; the generator where there is no model. */
export function extractiveGenerator(): Generator {
  const countPrompt = (messages: readonly ChatMessage[]): number =>
    messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
  return {
    name: 'extractive',
    maxTokens: windowTokens,
    exact: true,
    quotesOnly: true,
    countTokens: estimateTokens,
    countPrompt,
    async *generate(messages: readonly ChatMessage[], { window, language }: GenerateAnswerOptions) {
      const question =
        window?.parts.find(({ kind }) => kind === 'message')?.items[0]?.text ??
        messages.at(-1)?.content ??
        '';
      const items = (window?.parts ?? [])
        .filter(({ kind }) => kind === 'knowledge' || kind === 'recalled' || kind === 'turns')
        .flatMap((part) => part.items)
        .filter(({ role }) => role !== 'assistant');
      yield answerTo(question, items, language ?? languageOf(question));
      return 'end';
    },
  };
}
