// Generates as many episodes as a measurement needs, with words as unevenly spread as real ones. Knows nothing of the archive.
import { Random } from '../../core/random.js';
import type { EpisodeInput } from '../types.js';

/** How many different words there are, how many topics, and how many words a topic prefers. */
const vocabulary = 30_000;
const topics = 300;
const wordsOfTopic = 60;
const turnsOfSession = 20;
const wordsOfTurn = 16;
/** Every other word is one of the session's topic, as in a conversation about something. */
const topicShare = 0.5;
/** Zipf-Mandelbrot: the word of rank r has a frequency in proportion to 1 / (r + shift), as when stop words are left out. */
const shift = 20;
const start = Date.UTC(2023, 0, 1);
const minuteMs = 60_000;

const word = (rank: number): string => `w${rank.toString(36)}x`;

/** Draws texts of one seed; equal seeds draw equal texts. */
export class EpisodeWriter {
  readonly #random: Random;
  #count = 0;
  #topic = 0;

  constructor(seed: number) {
    this.#random = Random.fromSeed(seed);
  }

  #anyWord(): string {
    return word(Math.floor(shift * ((vocabulary + shift) / shift) ** this.#random.uniform() - shift));
  }

  #topicWord(): string {
    return word((this.#topic * 97 + this.#random.integer(wordsOfTopic) * 389) % vocabulary);
  }

  #text(words: number): string {
    const next = (): string => (this.#random.uniform() < topicShare ? this.#topicWord() : this.#anyWord());
    return Array.from({ length: words }, next).join(' ');
  }

  /** The next episodes: sessions of 20 turns between two speakers, a minute apart. */
  next(count: number): readonly EpisodeInput[] {
    return Array.from({ length: count }, () => {
      const turn = this.#count++;
      if (turn % turnsOfSession === 0) this.#topic = this.#random.integer(topics);
      return {
        text: this.#text(wordsOfTurn),
        session: `session ${Math.floor(turn / turnsOfSession)}`,
        speaker: turn % 2 === 0 ? 'Ann' : 'Ben',
        time: start + turn * minuteMs,
      };
    });
  }

  /** A question of six words about one of the topics. */
  question(): string {
    this.#topic = this.#random.integer(topics);
    return this.#text(6);
  }
}
