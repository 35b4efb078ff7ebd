// Which tokens would repeat words of a text. Knows no tokenizer: it is told at which tokens words start.

/** A text as words: each begins at a token that starts one, the first with the text, and reaches to the next. */
function wordsOf(
  tokens: readonly number[],
  startsWord: (token: number) => boolean,
): readonly (readonly number[])[] {
  const words: number[][] = [];
  for (const token of tokens) {
    const last = words.at(-1);
    if (last === undefined || startsWord(token)) words.push([token]);
    else last.push(token);
  }
  return words;
}

/**
 * Tokens with which the last `size` words of a text would be spelled as words which stand in it already. A word is refused at
 * its last token, also where it could become a longer one (`run` stands for `running`): that it ends would otherwise
 * have to be refused at every token that starts a word.
 */
export function wordRepeats(
  tokens: readonly number[],
  size: number,
  startsWord: (token: number) => boolean,
): ReadonlySet<number> {
  const words = wordsOf(tokens, startsWord);
  const begun = words.at(-1) ?? [];
  const goesOn = completions(words.slice(0, -1), begun, size);
  const startsAnew = completions(words, [], size).filter((token) => startsWord(token));
  return new Set([...goesOn, ...startsAnew]);
}

/** Tokens with which a word that was begun would end a sequence of `size` words that occurs among the words before it. */
function completions(
  before: readonly (readonly number[])[],
  begun: readonly number[],
  size: number,
): number[] {
  if (before.length < size) return [];
  const beginning = before.slice(before.length - size + 1);
  return before.flatMap((word, place) => {
    const first = place - size + 1;
    const token = word[begun.length];
    const isLastToken = word.length === begun.length + 1 && begun.every((piece, i) => word[i] === piece);
    if (first < 0 || token === undefined || !isLastToken) return [];
    return beginning.every((other, i) => areSame(other, before[first + i] ?? [])) ? [token] : [];
  });
}

function areSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((token, i) => token === b[i]);
}
