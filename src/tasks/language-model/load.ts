// Reads a trained language model from its run folder. Knows nothing of training.
import type { SavedRun, TrainingState, Which } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Tensor } from '../../engine/graph.js';
import type { LanguageModelParameters, LanguageModelState } from '../../models/language-model.js';
import type { Tokenizer } from '../../text/index.js';
import type { Trainable } from '../../train/index.js';
import { isJsonObject, readRun } from '../../checkpoint/index.js';
import { CheckpointError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { LanguageModel } from '../../models/language-model.js';
import { tokenizerFromJSON } from '../../text/index.js';

/** A model, what it has learned, and the tokenizer it reads with. */
export interface SavedLanguageModel {
  readonly run: SavedRun;
  readonly which: Which;
  readonly model: LanguageModel;
  readonly parameters: LanguageModelParameters<TensorData>;
  readonly tokenizer: Tokenizer;
  readonly state: TrainingState;
}

/**
 * @param which default: the best checkpoint if there is one, otherwise the last
 * @throws {CheckpointError} when the folder holds no run, no checkpoint, or a damaged one
 */
export async function loadLanguageModel(
  files: Files,
  folder: string,
  which?: Which,
): Promise<SavedLanguageModel> {
  const run = await readRun(files, folder);
  requireLanguageModel(run);
  const chosen = which ?? (await run.bestKnown());
  const model = new LanguageModel(run.config.model);
  const like = trainable(model).init(Random.fromSeed(0));
  const { trees, state } = await run.load(chosen, { model: like });
  const parameters = trees.model as unknown as LanguageModelParameters<TensorData>;
  return { run, which: chosen, model, parameters, tokenizer: tokenizerFromJSON(run.tokenizer), state };
}

/** @throws {CheckpointError} when the run is of another kind of model, with the command that makes one of this kind */
function requireLanguageModel({ path, config }: SavedRun): void {
  const kind = isJsonObject(config.model) ? config.model['kind'] : undefined;
  if (kind === undefined || kind === 'language-model') return;
  throw new CheckpointError(
    `The run "${path}" holds a model of the kind "${String(kind)}", and a language model is needed. Make one with: mneme train --data TEXT --out RUN`,
    { fields: { path, kind } },
  );
}

/** A language model as training sees it: its parameters and its state are some trees of tensors. */
export function trainable(model: LanguageModel): Trainable {
  return {
    maxLength: model.maxLength,
    init: (random) => model.init(random) as unknown as Tree<TensorData>,
    initialState: (batch) => model.initialState(batch),
    loss: (parameters, inputs, targets, options) =>
      model.loss(parameters as unknown as LanguageModelParameters<Tensor>, inputs, targets, {
        ...(options?.key && { key: options.key }),
        ...(options?.state && { state: options.state as unknown as LanguageModelState<Tensor> }),
      }),
  };
}
