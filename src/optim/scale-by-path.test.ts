import { expect, it } from 'vitest';
import { TensorData } from '../core/tensor-data.js';
import { evaluate } from '../engine/runtime/reference.js';
import { float32, trace } from '../engine/trace.js';
import type { Tensor } from '../engine/graph.js';
import { layerRule, scaleByLayer, scaleByPath } from './scale-by-path.js';
import { scale } from './scale.js';
import { applyGradients, chain, type GradientTransformation } from './transformation.js';

/** Paths of an encoder of three blocks under a head. */
const paths = [
  'reader.embedding.weight',
  'reader.position.weight',
  'reader.norm.scale',
  'reader.blocks.0.attention.query.weight',
  'reader.blocks.1.attention.query.weight',
  'reader.blocks.2.attention.query.weight',
  'output.weight',
];

it('gives each layer the rate of the one above times the decay, as computed by hand', () => {
  const rule = layerRule(paths, 0.5);
  expect(paths.map(rule)).toEqual([1 / 16, 1 / 16, 1, 1 / 8, 1 / 4, 1 / 2, 1]);
});

it('leaves a model without blocks alone but for its embedding', () => {
  expect(
    ['embedding.weight', 'output.weight'].map(layerRule(['embedding.weight', 'output.weight'], 0.5)),
  ).toEqual([0.5, 1]);
});

/** Parameters of 1 after a step along gradients of 1. */
function stepped(optimizer: GradientTransformation): number[] {
  const step = (p: Tensor, q: Tensor, gradient: Tensor) => {
    const tree = { blocks: [{ weight: p }], output: { weight: q } };
    const gradients = { blocks: [{ weight: gradient }], output: { weight: gradient } };
    return applyGradients(optimizer, gradients, [{}, {}], tree).parameters;
  };
  const { graph } = trace(step, float32(1), float32(1), float32(1));
  const one = new TensorData('float32', [1], Float32Array.of(1));
  return evaluate(graph, [one, one, one]).map(({ data }) => data[0] ?? NaN);
}

it('moves each parameter by a step of its own length', () => {
  expect(stepped(chain(scale(-1), scaleByLayer(0.25)))).toEqual([0.75, 0]);
  const rule = (path: string): number => (path === 'output.weight' ? 0.5 : 0);
  expect(stepped(chain(scale(-1), scaleByPath(rule)))).toEqual([1, 0.5]);
});
