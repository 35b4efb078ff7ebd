// Text as the words that a labeller labels. Knows no model.
import { segmentWords } from '../../metrics/index.js';

const hanCharacter = /\p{Script=Han}/u;

/** Part of the words that have to be single characters: among those of a dictionary are far fewer. */
const nearlyAll = 0.95;

/** Whether Chinese is labelled character by character: nearly all words with Chinese characters are a single one. */
export function areCharacters(words: readonly string[]): boolean {
  const chinese = words.filter((word) => hanCharacter.test(word));
  return chinese.filter((word) => [...word].length === 1).length > nearlyAll * chinese.length;
}

/** The words of a text, by the dictionary of `Intl.Segmenter`; punctuation is words of its own. @param byCharacter of Chinese words */
export function wordsOf(text: string, byCharacter: boolean): string[] {
  return segmentWords(text)
    .filter((word) => word.trim() !== '')
    .flatMap((word) => (byCharacter && hanCharacter.test(word) ? Array.from(word) : word));
}
