// The Longformer encoder against PyTorch, and that what is read does not depend on padding.
import { describe, expect, it } from 'vitest';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { EncoderConfigInput } from './encoder-config.js';
import type { EncoderParameters } from './encoder.js';
import { loadFixture, parametersOf } from '../../test/support/fixtures.js';
import { expectClose, expectReproduces, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { flattenTree, unflattenLike } from '../core/tree.js';
import { evaluateOnce } from '../engine/compile.js';
import { constant } from '../engine/ops/constant.js';
import { expandDims } from '../engine/ops/layout.js';
import { slice } from '../engine/ops/slicing.js';
import { where } from '../engine/ops/where.js';
import { placeholders, typesOf } from '../engine/trace.js';
import { lengthMask } from '../nn/mask.js';
import { Encoder } from './encoder.js';

describe('Encoder with local attention', () => {
  const fixture = loadFixture<EncoderConfigInput>('longformer-encoder');
  const encoder = new Encoder(fixture.options);

  it('has the values and gradients of masked full attention in PyTorch', async () => {
    await expectReproduces(
      fixture,
      ['ids', 'segments', 'mask'],
      (parameters: EncoderParameters<Tensor>, inputs) => {
        const { ids, segments, mask } = inputs as Readonly<Record<'ids' | 'segments' | 'mask', Tensor>>;
        return where(expandDims(mask, 2), encoder.read(parameters, ids, mask, { segments }), 0);
      },
    );
  });

  it('has the parameters of the fixture', () => {
    const types = flattenTree(typesOf(encoder.init(Random.fromSeed(1))) as unknown as Tree<unknown>);
    const expected = flattenTree(typesOf(parametersOf(fixture)) as Tree<unknown>);
    expect(new Map([...types].sort())).toEqual(new Map([...expected].sort()));
  });
});

const sizes = { vocabularySize: 7, width: 8, layers: 2, heads: 2, maxLength: 12 };
const longformer = { kind: 'longformer', window: 4, globalTokens: 3 } as const;

describe('Encoder', () => {
  const attentions: EncoderConfigInput['attention'][] = [
    { kind: 'full' },
    longformer,
    { ...longformer, globalTokens: 0 },
  ];
  it.each(attentions)('reads the same whatever stands at padding, with %j', async (attention) => {
    const encoder = new Encoder({ ...sizes, attention });
    const parameters = encoder.init(Random.fromSeed(1)) as unknown as Tree<TensorData>;
    const read = (rows: readonly (readonly number[])[], length: number): Promise<TensorData> =>
      evaluateOnce(
        runtimes[1],
        (...leaves: Tensor[]) => {
          const own = unflattenLike<typeof parameters, TensorData, Tensor>(parameters, leaves);
          const time = rows[0]?.length ?? 0;
          const ids = constant(new HostTensor('int32', [rows.length, time], Int32Array.from(rows.flat())));
          const lengths = constant(new HostTensor('int32', [1], Int32Array.of(length)));
          const mask = lengthMask(lengths, time);
          return slice(encoder.read(own as unknown as EncoderParameters<Tensor>, ids, mask), 1, 0, length);
        },
        ...flattenTree<TensorData>(parameters).values(),
      );
    const alone = await read([[3, 1, 2, 5]], 4);
    expectClose(await read([[3, 1, 2, 5, 0, 0, 0, 0, 0]], 4), alone);
    expectClose(await read([[3, 1, 2, 5, 6, 4, 6, 4, 6, 4, 6, 4]], 4), alone);
    const two = await read([[3, 1]], 2);
    expectClose(await read([[3, 1, 6, 6]], 2), two); // Fewer tokens than could be global.
  });

  it('says what is wrong with its attention', () => {
    expect(() => new Encoder({ ...sizes, attention: { kind: 'longformer', window: 3 } })).toThrow(
      /window is 3; it must be an even/,
    );
    expect(() => new Encoder({ ...sizes, attention: { kind: 'longformer', windows: 4 } })).toThrow(
      'unknown key "attention.windows". Did you mean "window"?',
    );
  });

  it('refuses sequences longer than its positions', () => {
    const encoder = new Encoder(sizes);
    const own = placeholders(typesOf(encoder.init(Random.fromSeed(1))), '');
    const ids = constant(new HostTensor('int32', [1, 13], new Int32Array(13)));
    expect(() => encoder.read(own as unknown as EncoderParameters<Tensor>, ids)).toThrow(
      /only 12 are learned; shorten the sequence or raise maxLength/,
    );
  });
});
