// Measures what is left of a year's conversation: things told once, things corrected, things forgotten.
import type { Archive } from '../archive.js';
import type { LongWork } from '../progress.js';
import { reportProgress } from '../progress.js';
import type { Told } from './dialogue.js';
import { generateDialogue } from './dialogue.js';

export interface DialogueReport {
  readonly turns: number;
  readonly seeds: number;
  /** Share of the things told in the first session that are among the first five results a year later. */
  readonly recalled: number;
  /** Share of the things corrected whose first result has the new value. A correction may name the old one too. */
  readonly corrected: number;
  /** Share of the things forgotten that no result shows. */
  readonly forgotten: number;
}

const batchSize = 1000;

/** Each seed is another conversation, of a user of its own. */
export async function benchDialogue(
  archive: Archive,
  options: { readonly turns: number; readonly seeds: number } & LongWork,
): Promise<DialogueReport> {
  const counts = { recalled: [0, 0], corrected: [0, 0], forgotten: [0, 0] };
  const count = (name: keyof typeof counts, good: boolean): void => {
    counts[name] = [(counts[name][0] ?? 0) + Number(good), (counts[name][1] ?? 0) + 1];
  };
  for (let seed = 1; seed <= options.seeds; seed++) {
    const user = `dialogue ${seed}`;
    const { turns, kept, corrected, secret, end } = generateDialogue({ seed, turns: options.turns });
    for (let start = 0; start < turns.length; start += batchSize) {
      const batch = turns.slice(start, start + batchSize).map((turn) => Object.assign({ user }, turn));
      await archive.rememberAll(batch);
      const done = (seed - 1) * turns.length + start + batch.length;
      reportProgress(options, { phase: 'store', done, total: options.seeds * turns.length });
    }
    const ask = async ({ question }: Told, limit: number): Promise<string[]> =>
      (await archive.recall(question, { user, limit, at: end })).map(({ item }) => item.text);
    for (const told of kept)
      count(
        'recalled',
        (await ask(told, 5)).some((text) => text.includes(told.value)),
      );
    for (const told of corrected) {
      const [first = ''] = await ask(told, 5);
      count('corrected', first.includes(told.newValue));
    }
    for (const { value } of secret) await archive.forget({ query: value, user });
    for (const told of secret) {
      const shown = [...(await ask(told, 50)), ...(await ask({ ...told, question: told.value }, 50))];
      count('forgotten', !shown.some((text) => text.includes(told.value)));
    }
  }
  const share = ([good = 0, all = 0]: readonly number[]): number =>
    Math.round((1000 * good) / Math.max(1, all)) / 1000;
  return {
    turns: options.turns,
    seeds: options.seeds,
    recalled: share(counts.recalled),
    corrected: share(counts.corrected),
    forgotten: share(counts.forgotten),
  };
}
