// Generates a year of conversation between two people, with things told, corrected and asked again. Knows nothing of the archive.
import { Random } from '../../core/random.js';
import type { EpisodeInput } from '../types.js';
import { chatter, topics } from './dialogue-topics.js';

/** Something one person tells of themselves. */
export interface Told {
  readonly speaker: string;
  readonly statement: string;
  readonly question: string;
  /** The word an answer must contain. */
  readonly value: string;
  /** What is said when it changes, and the word an answer must contain from then on. */
  readonly correction: string;
  readonly newValue: string;
}

export interface Dialogue {
  readonly turns: readonly EpisodeInput[];
  /** Told in the first session, never again. */
  readonly kept: readonly Told[];
  /** Told in the first session, changed in the middle of the year. */
  readonly corrected: readonly Told[];
  /** Told in the first session, to be forgotten at the end. */
  readonly secret: readonly Told[];
  /** The moment after the last turn. */
  readonly end: Date;
}

const syllables = (
  'ba be bi bo da de di do fa fe fi fo ga go ka ke ki ko la le li lo ma me mi mo ' +
  'na ne ni no pa pe po ra re ri ro sa se si so ta te ti to va ve vi vo za ze zo'
).split(' ');
const dayMs = 86_400_000;
const sessions = 52;

/** Draws words nobody knows, and sentences of them. */
class Writer {
  readonly #random: Random;
  readonly #used = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.#random.integer(items.length)] as T;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.#random.integer(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
    }
    return shuffled;
  }

  /** A name that was not drawn before. */
  value(): string {
    for (;;) {
      const word = Array.from({ length: 3 }, () => this.pick(syllables)).join('');
      const name = word.charAt(0).toUpperCase() + word.slice(1);
      if (this.#used.has(name)) continue;
      this.#used.add(name);
      return name;
    }
  }

  filler(): string {
    const noun = (): string => Array.from({ length: 4 }, () => this.pick(syllables)).join('');
    return this.pick(chatter).replaceAll('%', noun);
  }
}

/** Each topic once, in a wording of its own: the same thing is not told twice with another meaning. */
function tellings(writer: Writer, speaker: string): Told[] {
  return writer.shuffle(topics).map(({ say, ask, change }) => {
    const [value, newValue] = [writer.value(), writer.value()];
    return {
      speaker,
      value,
      newValue,
      statement: writer.pick(say).replaceAll('@', value),
      question: writer.pick(ask).replaceAll('#', speaker),
      correction: writer.pick(change).replaceAll('@', newValue).replaceAll('~', value),
    };
  });
}

/** What is said in a session besides chatter, in order. */
function plantedIn(session: number, told: readonly Told[], corrected: readonly Told[]): string[] {
  if (session === 0) return told.map(({ statement }) => statement);
  return session === sessions / 2 ? corrected.map(({ correction }) => correction) : [];
}

/** One session a week; things are told in the first and corrected in the middle one. Equal seeds give equal dialogues. */
export function generateDialogue(options: {
  readonly seed: number;
  readonly turns: number;
  readonly start?: Date;
}): Dialogue {
  const writer = new Writer(Random.fromSeed(options.seed));
  const start = (options.start ?? new Date('2025-01-06T18:00:00Z')).getTime();
  const perSession = Math.max(topics.length + 1, Math.ceil(options.turns / sessions));
  const told = tellings(writer, 'Ann');
  const part = (rest: number): Told[] => told.filter((_, i) => i % 3 === rest);
  const [kept, corrected, secret] = [part(0), part(1), part(2)];
  const turns: EpisodeInput[] = [];
  for (let session = 0; session < sessions; session++) {
    const planted = plantedIn(session, told, corrected);
    const spacing = Math.floor(perSession / (planted.length + 1));
    for (let n = 0; n < perSession; n++) {
      const statement = n % spacing === spacing - 1 ? planted[Math.floor(n / spacing)] : undefined;
      turns.push({
        text: statement ?? writer.filler(),
        speaker: statement === undefined && n % 2 === 1 ? 'Ben' : 'Ann',
        session: `week ${session + 1}`,
        time: new Date(start + session * 7 * dayMs + n * 20_000),
      });
    }
  }
  return { turns, kept, corrected, secret, end: new Date(start + sessions * 7 * dayMs) };
}
