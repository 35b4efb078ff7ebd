// Fitting tensors into trees: what fits, and what an error says about what does not.
import { describe, expect, it } from 'vitest';
import { CheckpointError, InternalError } from '../core/errors.js';
import type { Shape } from '../core/shape.js';
import { sizeOf } from '../core/shape.js';
import { TensorData } from '../core/tensor-data.js';
import { fitTree, namedTensors } from './fit.js';

function filled(shape: Shape, value = 0): TensorData {
  return new TensorData('float32', shape, new Float32Array(sizeOf(shape)).fill(value));
}

const like = { layers: [{ weight: filled([2, 3]) }, { weight: filled([3]) }], scale: filled([]) };

function fits(tensors: Record<string, TensorData>): unknown {
  return fitTree(new Map(Object.entries(tensors)), like, '"m.safetensors"');
}

const right = {
  scale: filled([], 3),
  'layers.1.weight': filled([3], 2),
  'layers.0.weight': filled([2, 3], 1),
};

describe('fitTree', () => {
  it('puts each tensor where its name says, in any order', () => {
    expect(fits(right)).toEqual({
      layers: [{ weight: right['layers.0.weight'] }, { weight: right['layers.1.weight'] }],
      scale: right.scale,
    });
  });

  it('names a tensor that is missing and one that is unexpected', () => {
    const { scale, ...rest } = right;
    expect(() => fits({ ...rest, scales: scale })).toThrow(
      '"m.safetensors" does not fit this model: tensor "scale" is missing, expected float32[]; ' +
        'tensor "scales" float32[] is in the file, and the model has none. It is of another model',
    );
  });

  it('says the shape and dtype given and expected', () => {
    const flat = { ...right, 'layers.0.weight': filled([6]) };
    expect(() => fits(flat)).toThrow('tensor "layers.0.weight" is float32[6], expected float32[2, 3]');
    const integers = { ...right, 'layers.1.weight': new TensorData('int32', [3], new Int32Array(3)) };
    expect(() => fits(integers)).toThrow('tensor "layers.1.weight" is int32[3], expected float32[3]');
  });

  it('lists four faults and counts the rest; the fields name all', () => {
    const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, filled([1])]));
    const attempt = (): unknown => fits({ ...right, ...many });
    expect(attempt).toThrow(/"a".*"b".*"c".*"d"[^"]*, and 2 more\./);
    try {
      attempt();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CheckpointError);
      expect((error as CheckpointError).fields.tensors).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    }
  });
});

it('refuses a tree in which two tensors would get the same name', () => {
  expect(() => namedTensors({ 'a.b': filled([1]), a: { b: filled([2]) } })).toThrow(InternalError);
});
