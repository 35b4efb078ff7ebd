// Evaluates a trained language model on a text. Knows nothing of training.
import type { SavedLanguageModel } from './load.js';
import type { Files } from '../../core/files.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Tokens } from '../../data/index.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Evaluation } from '../../train/index.js';
import { flattenTree } from '../../core/tree.js';
import { openSource, openTokenFile, tokenizeToFile } from '../../data/index.js';
import { typesOf } from '../../engine/trace.js';
import { evaluationOf, Evaluator } from '../../train/index.js';
import { trainable } from './load.js';
import { openTokens, predictedBytes } from './prepare-data.js';
import { recipeOf } from './train.js';

export interface EvaluateOptions {
  readonly signal?: AbortSignal | undefined;
  /** @param share of the text that is done, in [0, 1] */
  readonly onProgress?: (share: number) => void;
  /** Whether the memory is carried through the text, see `EvaluatorOptions`. Default: as the run was trained. */
  readonly carryState?: boolean | undefined;
  /** Rows of a batch; with `carryState` the stretches in which the text is read. Default: as the run was trained. */
  readonly batchSize?: number | undefined;
}

/**
 * Mean loss over the tokens of a text but the first, each predicted from those before it in its block, or, where the memory
 * is carried, in its stretch of the text.
 * @throws {DataError} when there are fewer than two tokens
 * @throws {ConfigError} when the memory is to be carried further than it reaches
 */
export async function evaluateTokens(
  runtime: Runtime,
  { model, parameters, tokenizer, run }: SavedLanguageModel,
  tokens: Tokens,
  { signal, onProgress, ...changes }: EvaluateOptions = {},
): Promise<Evaluation> {
  const usual = evaluationOf(recipeOf(run.config).training);
  const { carryState = usual.carryState ?? false, batchSize = usual.batchSize } = changes;
  const tree = parameters as unknown as Tree<TensorData>;
  const evaluator = await Evaluator.compile(runtime, trainable(model), typesOf(tree) as typeof tree, {
    ...usual,
    carryState,
    batchSize,
  });
  const state = await runtime.createState();
  try {
    await state.write(flattenTree<TensorData>({ parameters: tree }));
    return await evaluator.evaluate(state, tokens, {
      textBytes: await predictedBytes(tokens, tokenizer),
      signal,
      onProgress: (done) => onProgress?.(done / (tokens.count - 1)),
    });
  } finally {
    await state.dispose();
    await evaluator.dispose();
  }
}

/** Evaluates on all of a text: a file, a folder or a JSONL file. @param scratch path for a token file, removed afterwards */
export async function evaluateText(
  files: Files,
  runtime: Runtime,
  saved: SavedLanguageModel,
  data: { readonly path: string; readonly field?: string | undefined },
  scratch: string,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const source = await openSource(files, data.path, data.field === undefined ? {} : { field: data.field });
  try {
    await tokenizeToFile(
      files,
      scratch,
      source,
      saved.tokenizer,
      options.signal === undefined ? {} : { signal: options.signal },
    );
    const tokens = await openTokenFile(files, scratch);
    try {
      return await evaluateTokens(runtime, saved, tokens, options);
    } finally {
      await tokens.close();
    }
  } finally {
    await files.remove(scratch);
  }
}

/** Evaluates on the part of its own text that a run never learned from. */
export async function evaluateValidation(
  files: Files,
  runtime: Runtime,
  saved: SavedLanguageModel,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { training } = recipeOf(saved.run.config);
  const tokens = await openTokens(files, saved.run.path, saved.tokenizer, training.validationFraction);
  try {
    return await evaluateTokens(runtime, saved, tokens.split.validation, options);
  } finally {
    await tokens.close();
  }
}
