// Whether the state of a model can be carried through a text. Knows nothing of the loop.
import type { TokenSplit } from '../data/index.js';
import type { TrainingChoices } from './settings.js';
import type { Trainable } from './trainable.js';
import { blocksPerEpoch, streamLength } from '../data/index.js';
import { requireReach } from './carried-state.js';
import { firstBatches } from './evaluator.js';
import { evaluationOf } from './training-device.js';

/** @throws {ConfigError} when a row of a batch reads more tokens one after another than the memory holds */
export function requireCarriable(model: Trainable, settings: TrainingChoices, tokens: TokenSplit): void {
  if (!settings.carryState) return;
  const { blockLength, batchSize, accumulation, order } = settings;
  const rows = batchSize * accumulation;
  const blocks = blocksPerEpoch(order, { count: tokens.train.count, blockLength, rows });
  requireReach(model, (blocks / rows) * blockLength, tokens.train);
  if (tokens.validation.count === 0) return;
  const evaluation = evaluationOf(settings);
  const validation = firstBatches(tokens.validation, settings.evaluationBatches, evaluation);
  requireReach(model, streamLength(validation.count, evaluation), validation);
}
