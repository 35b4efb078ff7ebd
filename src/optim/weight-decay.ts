// Weight decay, with a rule for which parameters decay.
import type { TensorType } from '../engine/graph.js';
import type { GradientTransformation } from './transformation.js';
import { mapLeaves } from '../core/tree.js';
import { stateless } from './transformation.js';

/** The decay of a parameter, by its path (`blocks.3.memory.query.weight`) and its type. */
export type DecayRule = (path: string, parameter: TensorType) => number;

/** Matrices and embeddings decay; vectors, which are biases and the scales of norms, do not. */
export function matricesDecay(decay: number): DecayRule {
  return (_, parameter) => (parameter.shape.length >= 2 ? decay : 0);
}

/**
 * Adds decay times the parameter to each update. Behind Adam and before the learning rate this is the decoupled decay of
 * AdamW; in front of everything it is L2 regularization.
 * @param decay a rule, or a number for matrices (`matricesDecay`)
 */
export function addDecayedWeights(decay: number | DecayRule): GradientTransformation {
  const rule = typeof decay === 'number' ? matricesDecay(decay) : decay;
  return stateless((updates) =>
    mapLeaves(updates, (update, path) => update.plusDecay(rule(path, update.parameter))),
  );
}
