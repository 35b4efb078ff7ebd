// Associative recall: keys with values, then keys in the order of a power law, each to be answered by its value. Knows nothing of models.
import { ConfigError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { distinctIntegers, weightedIndices } from './draws.js';
import type { RecallExample, RecallTask } from './recall-task.js';
import { ask, emptyExample } from './recall-task.js';

export interface AssociativeRecallOptions {
  /** Number of token ids: 0 is nothing, the lower half are keys, the upper half values. */
  readonly vocabularySize: number;
  /** Tokens of an example; even. */
  readonly length: number;
  /** Keys, each with a value. */
  readonly pairs: number;
  /** Keys that are given a second value before the questions begin: the last one counts. Default: 0. */
  readonly updates?: number;
  /** a in P(gap) ~ a gap^(a - 1), the law of the places of the questions; 1 is uniform. Default: 0.01. */
  readonly power?: number;
  /** What stands between the questions: any token at random, or token 0. Default: `random`. */
  readonly filler?: 'random' | 'zero';
}

/**
 * Multi-query associative recall (MQAR): `k1 v1 k2 v2 ... | questions`, where half of the places behind the pairs may hold a
 * key, whose value is the target there. Which ones is drawn without replacement by the power law, for the first key first.
 * Source: Arora et al. 2023 (Zoology), appendix E.1 and its reference code, whose defaults are the defaults here. With
 * `updates`, some keys follow again with another value, all values of an example being different.
 *
 * @throws {ConfigError} when an example of these sizes cannot be written
 */
export function associativeRecall(options: AssociativeRecallOptions): RecallTask {
  const { vocabularySize, length, pairs, updates = 0, power = 0.01, filler = 'random' } = options;
  requireRoom({ vocabularySize, length, pairs, updates });
  const firstValue = Math.floor(vocabularySize / 2);
  const context = 2 * (pairs + updates);
  const weights = Array.from({ length: (length - context) / 2 }, (_, gap) => (gap + 1) ** (power - 1));

  function example(random: Random): RecallExample {
    const written = emptyExample(length);
    const { inputs } = written;
    const keys = distinctIntegers(random, pairs, 1, firstValue);
    const values = distinctIntegers(random, pairs + updates, firstValue, vocabularySize);
    const owners = [...keys.keys(), ...distinctIntegers(random, updates, 0, pairs)];
    const places: number[] = [];
    owners.forEach((owner, i) => {
      inputs[2 * i] = keys[owner] ?? 0;
      inputs[2 * i + 1] = values[i] ?? 0;
      places[owner] = 2 * i + 1;
    });
    weightedIndices(random, pairs, weights).forEach((gap, i) => {
      const [at, place] = [context + 2 * gap, places[i] ?? 0];
      inputs[at] = keys[i] ?? 0;
      ask(written, at, inputs[place] ?? 0, place);
    });
    if (filler === 'zero') return written;
    return { ...written, inputs: inputs.map((id) => (id === 0 ? random.integer(vocabularySize) : id)) };
  }
  return { vocabularySize, length, example };
}

function requireRoom(sizes: Record<'vocabularySize' | 'length' | 'pairs' | 'updates', number>): void {
  const { vocabularySize, length, pairs, updates } = sizes;
  const refuse = (what: string): never => {
    throw new ConfigError(`Associative recall: ${what}`, { fields: sizes });
  };
  if (pairs < 1) refuse(`${pairs} pairs were asked for; choose at least 1.`);
  if (updates > pairs) refuse(`${updates} updates of ${pairs} pairs; a pair is updated at most once.`);
  if (length % 2 !== 0) refuse(`length ${length} is odd; keys and values need an even one.`);
  const needed = 4 * pairs + 2 * updates;
  if (length < needed)
    refuse(
      `length ${length} is too short for ${pairs} pairs and ${updates} updates; use at least ${needed}.`,
    );
  const smallest = 2 * (pairs + Math.max(updates, 1));
  if (vocabularySize < smallest)
    refuse(
      `vocabulary ${vocabularySize} has too few keys or values for ${pairs} pairs and ${updates} updates; use at least ${smallest}.`,
    );
}
