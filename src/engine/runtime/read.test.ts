// Checks that reading a state gives copies, whatever memory they are put into, in every runtime.
import { afterAll, describe, expect, it } from 'vitest';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import type { Runtime } from './runtime.js';
import { NodeRuntime } from './node.js';
import { ReferenceRuntime } from './reference-runtime.js';

const node = new NodeRuntime({ threads: 1 });
afterAll(() => node.dispose());
const runtimes: [string, Runtime][] = [
  ['ONNX Runtime', node],
  ['the reference', new ReferenceRuntime()],
];

describe.each(runtimes)('reading a state of %s', (_, runtime) => {
  it('gives the newest values, also into the memory of an earlier reading', async () => {
    const state = await runtime.createState();
    const [first, second] = [randomTensor([3, 4], { seed: 1 }), randomTensor([3, 4], { seed: 2 })];
    await state.write(new Map([['x', first]]));
    const earlier = await state.read();
    expect(earlier.get('x')).toEqual(first);
    await state.write(new Map([['x', second]]));
    expect((await state.read(undefined, earlier)).get('x')).toEqual(second);
  });

  it('takes other memory where that of an earlier reading does not fit', async () => {
    const state = await runtime.createState();
    await state.write(new Map([['x', tensorOf([1, 2])]]));
    const earlier = await state.read();
    const values = new Map([
      ['x', tensorOf([1, 2], 'int32')],
      ['y', tensorOf([3])],
    ]);
    await state.write(values);
    expect(await state.read(undefined, earlier)).toEqual(values);
  });
});

it('uses the memory of an earlier reading again', async () => {
  const state = await node.createState();
  await state.write(new Map([['x', tensorOf([1, 2])]]));
  const earlier = await state.read();
  await state.read(undefined, earlier);
  expect(earlier.get('x')?.data).toHaveLength(0);
});
