// Scaling of updates by where their parameters stand in a model: a factor for each path, or one that falls from layer to layer.
import type { GradientTransformation } from './transformation.js';
import { flattenTree, mapLeaves } from '../core/tree.js';
import { stateless } from './transformation.js';

/** The factor of a parameter, by its path such as `blocks.3.attention.query.weight`. */
export type PathRule = (path: string) => number;

/** Multiplies each update by a factor of its own. Behind the learning rate: parameters then have rates of their own. */
export function scaleByPath(rule: PathRule): GradientTransformation {
  return stateless((updates) => mapLeaves(updates, (update, path) => update.scaledBy(rule(path))));
}

/**
 * Multiplies updates by decay^d, d being how many layers there are above: 0 for the head and whatever else is outside of
 * blocks, 1 for the last block, and so on down to the embeddings. Source: Howard and Ruder 2018 (ULMFiT), section 3.2,
 * discriminative fine-tuning; with the depths of Clark et al. 2020 (ELECTRA), appendix A.
 */
export function scaleByLayer(decay: number): GradientTransformation {
  return stateless((updates) => {
    const rule = layerRule([...flattenTree(updates).keys()], decay);
    return mapLeaves(updates, (update, path) => update.scaledBy(rule(path)));
  });
}

const inBlock = /(?:^|\.)blocks\.(\d+)\./;
/** What lies below the first block, at the beginning of a path or behind the name of a part such as `encoder`. */
const belowBlocks = /(?:^|\.)(?:embedding|position|segment)\./;

/** The factors of `scaleByLayer` for the paths of a model. */
export function layerRule(paths: readonly string[], decay: number): PathRule {
  const blocks = paths.map((path) => Number(inBlock.exec(path)?.[1] ?? -1) + 1);
  const layers = Math.max(0, ...blocks);
  return (path) => {
    const block = inBlock.exec(path)?.[1];
    if (block !== undefined) return decay ** (layers - Number(block));
    return belowBlocks.test(path) ? decay ** (layers + 1) : 1;
  };
}
