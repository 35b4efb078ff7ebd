// Which of the things a model was given its answer repeats: those it must not outlive. Knows nothing of how it is erased.
import { Analyzer } from '../../archive/analysis/analyzer.js';
import type { ItemId } from '../../archive/index.js';
import type { ChatTurn } from './message.js';
import type { ChatWindow, WindowItem } from './window/window.js';

const analyzer = new Analyzer();
/** An item is repeated when the answer has this share of the words that the question does not have, or two, or a number. */
const repeatedShare = 0.3;
const repeatedWords = 2;

/** Reads on only until it is decided: of what was said, much is long. */
function repeats(answer: ReadonlySet<string>, question: ReadonlySet<string>, text: string): boolean {
  const own = new Set<string>();
  let common = 0;
  for (const term of analyzer.termsOf(text)) {
    if (question.has(term) || own.has(term)) continue;
    own.add(term);
    if (!answer.has(term)) continue;
    common++;
    if (common >= repeatedWords || /\p{N}/u.test(term)) return true;
  }
  return common > 0 && common >= repeatedShare * own.size;
}

/** What an item says, with what tools gave for it. */
const said = ({ text, steps = [] }: WindowItem): string =>
  [text, ...steps.flatMap(({ calls }) => calls.map(({ result = '' }) => result))].join('\n');

/** The question, and what was recalled or said before that the answer repeats. */
export function sourcesOfAnswer(
  window: Pick<ChatWindow, 'parts'>,
  question: ChatTurn,
  answer: string,
): readonly ItemId[] {
  const answered = new Set(analyzer.analyze(answer).terms.keys());
  const asked = new Set(analyzer.analyze(question.text).terms.keys());
  const given = window.parts
    .filter(({ kind }) => kind === 'recalled' || kind === 'turns' || kind === 'summary')
    .flatMap(({ items }) => items);
  const repeated = given.filter((item) => repeats(answered, asked, said(item)));
  return [question.id, ...repeated.flatMap(({ id }) => id ?? [])];
}
