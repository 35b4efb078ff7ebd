// The words and answers of stories as ids. Knows nothing of models.
import type { StoryQuestion } from '../../data/babi.js';
import { paddingId } from '../../nn/sentence-encoding.js';

const unknownId = 1;

/**
 * Ids of words and of whole answers: 0 is padding, 1 a word that was not seen, then words, then answers that are no word,
 * such as `milk,football`. An answer that is a word has the id of the word.
 */
export class StoryVocabulary {
  private readonly ids = new Map<string, number>();
  private readonly names: string[] = ['', '?'];

  /** @param questions the training part */
  constructor(questions: readonly StoryQuestion[]) {
    for (const { sentences, question } of questions)
      [...sentences, question].flat().forEach((word) => this.add(word));
    for (const { answer } of questions) this.add(answer);
  }

  get size(): number {
    return this.names.length;
  }

  wordIds(words: readonly string[]): number[] {
    return words.map((word) => this.ids.get(word) ?? unknownId);
  }

  /** The id of a whole answer; -1 when it was not seen, which nothing can get right. */
  answerId(answer: string): number {
    return this.ids.get(answer) ?? -1;
  }

  /** The word or answer that an id stands for. */
  nameOf(id: number): string {
    return this.names[id] ?? '';
  }

  private add(name: string): void {
    if (name === '' || this.ids.has(name)) return;
    this.ids.set(name, this.names.length);
    this.names.push(name);
  }
}

export { paddingId, unknownId };
