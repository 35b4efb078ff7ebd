// The contract of pre-training: how passages of plain text become something to guess. Knows no particular objective.
import type { JsonValue } from '../../checkpoint/index.js';
import type { Passage, TokenRows } from '../../data/index.js';
import type { Tensor } from '../../engine/graph.js';
import type { Tokenizer } from '../../text/index.js';
import type { Tree } from '../../core/tree.js';
import type { ExampleModel, Examples, Loss, Named } from '../../train/index.js';
import { ConfigError } from '../../core/errors.js';

/** A model to pre-train. Without a key nothing is dropped. */
export interface PretrainingModel extends ExampleModel {
  /** What the run remembers: it decides what the tensors mean. */
  readonly config: JsonValue;
  loss(parameters: Tree<Tensor>, batch: Named<Tensor>, key?: Tensor): Loss;
}

/** What is learned from passages, for one tokenizer. */
export interface Objective {
  readonly model: PretrainingModel;
  /** Tokens of a passage at most. */
  readonly maxTokens: number;
  /** Ends each row in the token file. */
  readonly endId: number;
  /** How many rows one example consists of. */
  readonly rowsPerExample: number;
  /** The rows of a passage; none when nothing can be guessed in it. */
  rowsOf(passage: Passage): readonly Int32Array[];
  examples(rows: TokenRows): Examples;
}

/** The ids of special tokens. @throws {ConfigError} when the tokenizer lacks one */
export function specialIds<Name extends string>(
  tokenizer: Tokenizer,
  names: readonly Name[],
): Readonly<Record<Name, number>> {
  const ids = names.map((name) => {
    const id = tokenizer.specialTokens.get(name);
    if (id !== undefined) return [name, id];
    throw new ConfigError(
      `The tokenizer has no special token ${JSON.stringify(name)}, which this task needs. Train it with ${names.join(' ')} among its special tokens, or leave the tokenizer to the recipe.`,
      { fields: { token: name, needed: names } },
    );
  });
  return Object.fromEntries(ids) as Record<Name, number>;
}
