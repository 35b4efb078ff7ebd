// A batch of texts that becomes smaller as they are finished, so that the longest does not cost what all do. Knows no model and no way to choose tokens.
import type { Candidates, TextRows } from './beam-search.js';
import { invariant } from '../core/errors.js';

/** In a batch of no more rows nothing is gained by leaving: a step of a smaller one takes nearly as long. */
const fewRows = 32;
/** Nor when the end is so near that a new program would come too late. */
const fewSteps = 8;

/** A full batch, or a half of one, a half of that, and so on, so that few texts do not cost as much as many. */
export function smallestBatch(texts: number, largest: number): number {
  let size = largest;
  while (size > 1 && Math.ceil(size / 2) >= texts) size = Math.ceil(size / 2);
  return size;
}

/** The rows of texts with what they are given next. Texts are known by their places in the batch that it was at first. */
export class ShrinkingRows {
  /** The last token of each row: what the next step reads. */
  tokens: Int32Array;
  /** The row that each row continued before that token. */
  parents: Int32Array;
  private readonly rows: TextRows;
  private readonly perText: number;
  private places: ReadonlyMap<number, number>;

  constructor(rows: TextRows, perText: number, startToken: number) {
    this.rows = rows;
    this.perText = perText;
    this.tokens = new Int32Array(rows.texts * perText).fill(startToken);
    this.parents = Int32Array.from(this.tokens.keys());
    this.places = new Map(Array.from({ length: rows.texts }, (_, text) => [text, text]));
  }

  /** The first row of a text that has not left. */
  firstRow(text: number): number {
    const place = this.places.get(text);
    invariant(place !== undefined, `Text ${text} has left its batch.`);
    return place * this.perText;
  }

  /** Goes on in every row. @param count candidates that are wanted for each row */
  step(count: number): Promise<Candidates> {
    return this.rows.step(this.tokens, this.parents, Math.min(count, this.rows.vocabularySize));
  }

  /**
   * Lets all other texts leave, once that makes the batch half as large, if the rows know how.
   * @param running texts that go on, in any order
   * @param stepsLeft steps that there will be at most
   */
  async keep(running: readonly number[], stepsLeft: number): Promise<void> {
    const { rows, perText } = this;
    const isSmall = rows.texts * perText <= fewRows || stepsLeft < fewSteps;
    const size = smallestBatch(running.length, rows.texts);
    if (rows.keep === undefined || isSmall || running.length === 0 || size === rows.texts) return;
    // What there is room for beyond them is the last one again: it is written too, and never looked at.
    const kept = Array.from({ length: size }, (_, i) => running[Math.min(i, running.length - 1)] ?? 0);
    const before = kept.map((text) => this.firstRow(text));
    await rows.keep(before.map((row) => row / perText));
    const moved = (old: Int32Array, change: (place: number) => number): Int32Array =>
      Int32Array.from({ length: size * perText }, (_, row) => {
        const place = Math.floor(row / perText);
        return (old[(before[place] ?? 0) + (row % perText)] ?? 0) + change(place);
      });
    this.tokens = moved(this.tokens, () => 0);
    this.parents = moved(this.parents, (place) => place * perText - (before[place] ?? 0));
    this.places = new Map(running.map((text, place) => [text, place]));
  }
}
