import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { lengthMask } from './mask.js';
import { Pooling, type PoolingName } from './pooling.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

/** Two sequences of two and one tokens; what stands at padding is large. */
const x = new TensorData('float32', [2, 3, 2], Float32Array.of(1, -4, 3, 2, 99, 99, -5, 6, 99, 99, 99, 99));
const lengths = new TensorData('int32', [2], Int32Array.of(2, 1));

async function pooled(kind: PoolingName): Promise<number[]> {
  const pooling = new Pooling({ kind, width: 2 });
  const { score } = pooling.init(Random.fromSeed(1));
  const weight = score?.weight ?? new TensorData('float32', [2, 1], new Float32Array(2));
  const { data } = await evaluateOnce(
    runtime,
    (x, lengths, weight) => pooling.apply({ score: { weight } }, x, lengthMask(lengths, 3)),
    x,
    lengths,
    weight,
  );
  return Array.from(data as Float32Array);
}

describe('pooling looks at tokens alone', () => {
  it.each([
    ['first', [1, -4, -5, 6]],
    ['last', [3, 2, -5, 6]],
    ['mean', [2, -1, -5, 6]],
    ['max', [3, 2, -5, 6]],
    ['mean-max', [2, -1, 3, 2, -5, 6, -5, 6]],
  ] as const)('%s', async (kind, expected) => {
    expect(await pooled(kind)).toEqual(expected);
  });

  it('attention lies between the tokens, and is the token where there is one', async () => {
    const [a = 0, b = 0, c = 0, d = 0] = await pooled('attention');
    expect(a).toBeGreaterThan(1);
    expect(a).toBeLessThan(3);
    expect((b + 4) / 6).toBeCloseTo((a - 1) / 2, 5);
    expect([c, d]).toEqual([-5, 6]);
  });
});
