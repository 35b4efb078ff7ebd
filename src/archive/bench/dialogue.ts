// Generates a year of conversation between two people, with things told, corrected and asked again. Knows nothing of the archive.
import { Random } from '../../core/random.js';
import type { EpisodeInput } from '../types.js';

/** Something one person tells of themselves, in the words of a template. */
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

type Template = readonly [statement: string, question: string, correction: string];

/** `@` is the value, `#` the speaker. Half of them are phrased as people do and no rule expects. */
const templates: readonly Template[] = [
  ['I live in @.', 'Where does # live?', 'I have moved to @.'],
  ['I work at @ now.', 'Where does # work?', 'I started a new job at @.'],
  ['My favourite colour is @.', "What is #'s favourite colour?", 'My favourite colour is @ these days.'],
  [
    "My sister's name is @.",
    "What is the name of #'s sister?",
    "My sister's name is @, I misspelled it before.",
  ],
  ['My locker code is @.', "What is #'s locker code?", 'My locker code is @ since today.'],
  ['My flight goes to @.', "Where does #'s flight go?", 'My flight goes to @, they changed it.'],
  [
    'We adopted a dog named @.',
    "What is #'s dog called?",
    'My dog is called @ now, he listens better to it.',
  ],
  [
    'The spare key hangs behind the @.',
    'Where does the spare key hang?',
    'The spare key hangs behind the @ from now on.',
  ],
  [
    'They keep our boat tied up near @.',
    'Where is the boat tied up?',
    'Our boat is tied up near @ since the storm.',
  ],
  [
    'For the wedding everybody will have to wear @.',
    'What must everybody wear at the wedding?',
    'Change of plan: at the wedding everybody wears @.',
  ],
  [
    'Grandpa used to call me @ when I was small.',
    'What did grandpa call # as a child?',
    'I asked mum: grandpa called me @ as a child.',
  ],
  [
    'The plumber comes every @ to check the pipes.',
    'When does the plumber check the pipes?',
    'The plumber now comes every @ about the pipes.',
  ],
  [
    'In case of fire we meet under the @.',
    'Where do we meet in case of fire?',
    'In case of fire we now meet under the @.',
  ],
  [
    'Our allotment grows nothing but @.',
    'What grows on the allotment?',
    'Nothing but @ grows on our allotment this season.',
  ],
];

const syllables = (
  'ba be bi bo da de di do fa fe fi fo ga go ka ke ki ko la le li lo ma me mi mo ' +
  'na ne ni no pa pe po ra re ri ro sa se si so ta te ti to va ve vi vo za ze zo'
).split(' ');
const fillers = [
  'Did you see the % near the market yesterday?',
  'I think the % was much better than the % we had before.',
  'My neighbour talked about a % for an hour.',
  'Work was long today, another % and no end.',
  'Where would you like to live if you had a %?',
  'The colour of that % was strange.',
  'We should call the % before it closes.',
  'That is my favourite kind of %, honestly.',
  'Somebody left a % behind the door of the office.',
  'Sounds good, let us talk about the % tomorrow.',
  'I dreamt of a % under a tree.',
  'Every week there is a new % in the news.',
  'The dog of the baker stole a %.',
  'I can not find the key of the % anywhere.',
];

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
    const noun = (): string => `${this.pick(syllables)}${this.pick(syllables)} ${this.pick(syllables)}`;
    return this.pick(fillers).replaceAll('%', noun);
  }
}

/** Each template once: the same thing is not told twice with another meaning. */
function tellings(writer: Writer, speaker: string): Told[] {
  return templates.map(([statement, question, correction]) => {
    const [value, newValue] = [writer.value(), writer.value()];
    return {
      speaker,
      value,
      newValue,
      statement: statement.replace('@', value),
      question: question.replace('#', speaker),
      correction: correction.replace('@', newValue),
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
  const perSession = Math.max(templates.length + 1, Math.ceil(options.turns / sessions));
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
