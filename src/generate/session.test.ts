// Checks sessions against reading the whole text at once, for every kind of memory and position.
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../core/random.js';
import type { TensorData } from '../core/tensor-data.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import { constant } from '../engine/ops/constant.js';
import { mapTree } from '../core/tree.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { LanguageModel } from '../models/language-model.js';
import type { LanguageModelParameters } from '../models/language-model.js';
import type { Tensor } from '../engine/graph.js';
import { LoadedDecoder } from './loaded-decoder.js';
import type { GenerationSession } from './session.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const vocabularySize = 11;
const maxLength = 20;
const size = { vocabularySize, width: 8, layers: 2, heads: 2, maxLength };
const bounded = {
  'attention with learned positions': { ...size },
  'attention with sinusoidal positions': { ...size, position: 'sinusoidal' },
  'attention with rotary positions': { ...size, position: 'rotary', keyValueHeads: 1 },
  'attention above a GRU': { ...size, memory: ['gru', 'attention'], position: 'rotary' },
};
const gru = { ...size, memory: 'gru', position: 'none' };
const models = Object.entries({ ...bounded, 'a GRU': gru });

/** A model with weights large enough for logits to differ, in the runtime. */
async function load(config: object) {
  const model = new LanguageModel(config);
  const random = Random.fromSeed(3);
  const parameters = mapTree(model.init(random), (leaf: TensorData, path) => {
    const noise = random.split(path);
    return new HostTensor(
      leaf.dtype,
      leaf.shape,
      Float32Array.from(leaf.data, (x) => x + 0.3 * noise.normal()),
    );
  }) as LanguageModelParameters<TensorData>;
  return { model, parameters, decoder: await LoadedDecoder.load(runtime, model, parameters) };
}

type Loaded = Awaited<ReturnType<typeof load>>;

/** Logits after every position of a text that is read at once, without a cache. */
async function fullRead({ model, parameters }: Loaded, ids: readonly number[]): Promise<Float32Array[]> {
  const symbols = (): LanguageModelParameters<Tensor> =>
    mapTree(parameters, (leaf: TensorData) => constant(leaf)) as LanguageModelParameters<Tensor>;
  const logits = await evaluateOnce(
    runtime,
    (x: Tensor) => model.read(symbols(), x).logits,
    new HostTensor('int32', [1, ids.length], Int32Array.from(ids)),
  );
  const values = logits.data as Float32Array;
  return ids.map((_, i) => values.slice(i * vocabularySize, (i + 1) * vocabularySize));
}

const text = Array.from({ length: 3 * maxLength }, (_, i) => (i * i + 3 * i) % vocabularySize);

async function stepThrough(session: GenerationSession, ids: readonly number[]): Promise<Float32Array[]> {
  const logits: Float32Array[] = [];
  for (const id of ids) logits.push(await session.step(id));
  return logits;
}

function expectClose(actual: ArrayLike<number> | undefined, expected: ArrayLike<number> | undefined): void {
  expect(actual?.length).toBe(expected?.length);
  const worst = Array.from(expected ?? []).map((value, i) => Math.abs(value - (actual?.[i] ?? Number.NaN)));
  expect(Math.max(...worst)).toBeLessThan(2e-5);
}

/** What a memory with a bound holds after reading tokens one after another: the definition, step by step. */
function heldAfter(ids: readonly number[], bound: number): number[] {
  let held: number[] = [];
  for (const id of ids) {
    if (held.length === bound) held = held.slice(bound - Math.floor(bound / 2));
    held.push(id);
  }
  return held;
}

describe.each(models)('a session with %s', (_, config) => {
  const loaded = load(config);

  it('gives, step by step, the logits of reading the whole text at once', async () => {
    const session = await (await loaded).decoder.createSession();
    const ids = text.slice(0, maxLength);
    const stepped = await stepThrough(session, ids);
    const expected = await fullRead(await loaded, ids);
    expected.forEach((row, i) => expectClose(stepped[i], row));
    expect(session.position).toBe(maxLength);
  });

  it('ends in the same state whether it reads in chunks or step by step', async () => {
    const { decoder } = await loaded;
    const [chunked, stepped] = [await decoder.createSession(), await decoder.createSession()];
    const logits = await chunked.prefill(text.slice(0, 19));
    expectClose(logits, (await stepThrough(stepped, text.slice(0, 19))).at(-1));
    const [a, b] = [await chunked.state(), await stepped.state()];
    expect([...a.keys()]).toEqual([...b.keys()]);
    for (const [name, tensor] of a) expectClose(tensor.data, b.get(name)?.data);
  });

  it('goes on to the bit from a fork and from a restored state, and each goes its own way', async () => {
    const { decoder } = await loaded;
    const session = await decoder.createSession();
    await session.prefill(text.slice(0, 9));
    const saved = await session.state();
    const fork = await session.fork();
    const expected = await stepThrough(session, [1, 2, 3]);
    await session.step(4);
    expect(await stepThrough(fork, [1, 2, 3])).toEqual(expected);
    const restored = await decoder.createSession();
    await restored.prefill([7, 7]);
    await restored.restore(saved);
    expect(restored.position).toBe(9);
    expect(await stepThrough(restored, [1, 2, 3])).toEqual(expected);
    await session.restore(saved);
    expect(await stepThrough(session, [1, 2, 3])).toEqual(expected);
    expect(await restored.state()).toEqual(await fork.state());
  });

  it('is as new after a reset', async () => {
    const { decoder } = await loaded;
    const session = await decoder.createSession();
    const expected = await session.prefill([5, 6]);
    await session.prefill(text.slice(0, 12));
    await session.reset();
    expect(session.position).toBe(0);
    expect(await session.prefill([5, 6])).toEqual(expected);
  });
});

describe.each(Object.entries(bounded))('at its bound, a session with %s', (_, config) => {
  const loaded = load(config);

  it('reads the last half again before the token that does not fit', async () => {
    const session = await (await loaded).decoder.createSession();
    const ids = text.slice(0, maxLength + 3);
    const logits = (await stepThrough(session, ids)).at(-1);
    expect(session.position).toBe(maxLength / 2 + 3);
    expectClose(logits, (await fullRead(await loaded, ids.slice(-session.position))).at(-1));
  });

  it('ends in the same state whether it reads at once or in parts, and from a restored state', async () => {
    const { decoder } = await loaded;
    const [once, parts, restored] = [
      await decoder.createSession(),
      await decoder.createSession(),
      await decoder.createSession(),
    ];
    await parts.prefill(text.slice(0, 15));
    await restored.restore(await parts.state());
    await parts.prefill(text.slice(15, 44));
    await restored.prefill(text.slice(15, 44));
    const logits = await once.prefill(text.slice(0, 45));
    expect(once.position).toBe(heldAfter(text.slice(0, 45), maxLength).length);
    expectClose(await parts.step(text[44] ?? 0), logits);
    expectClose(await restored.step(text[44] ?? 0), logits);
  });
});

describe('the bound of a language model', () => {
  it.each([
    [{ memory: 'attention', position: 'rotary' }, maxLength],
    [{ memory: ['gru', 'attention'], position: 'none' }, maxLength],
    [{ memory: 'gru', position: 'learned' }, maxLength],
    [{ memory: 'gru', position: 'sinusoidal' }, Infinity],
    [{ memory: 'gru', position: 'none' }, Infinity],
  ])('comes from caches and learned positions: %o', (config, bound) => {
    expect(new LanguageModel({ ...size, ...config }).maxLength).toBe(bound);
  });
});

describe('a session with a bound', () => {
  it('holds what the definition says, for every bound and every cut', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), cuts, async (bound, lengths) => {
        const model = new LanguageModel({ ...size, layers: 1, width: 2, heads: 1, maxLength: bound });
        const decoder = await LoadedDecoder.load(runtime, model, model.init(Random.fromSeed(1)));
        const session = await decoder.createSession();
        let read = 0;
        for (const length of lengths) {
          await session.prefill(text.slice(read, read + length));
          read += length;
        }
        const state = await session.state();
        expect(Array.from(state.get('session.tokens')?.data ?? [])).toEqual(
          heldAfter(text.slice(0, read), bound),
        );
        expect(Array.from(state.get('state.position')?.data ?? [])).toEqual([session.position]);
        await decoder.dispose();
      }),
      { numRuns: 12 },
    );
  });
});

describe('a session without a bound', () => {
  it('reads on for ever with a state of fixed size', async () => {
    const loaded = await load(gru);
    const session = await loaded.decoder.createSession();
    const bytes = async (): Promise<number> =>
      [...(await session.state()).values()].reduce((sum, tensor) => sum + tensor.bytes, 0);
    await session.prefill(text.slice(0, 5));
    const before = await bytes();
    const long = Array.from({ length: 150 }, (_, i) => text[i % text.length] ?? 0);
    const logits = await session.prefill(long);
    expect(session.position).toBe(155);
    expect(await bytes()).toBe(before);
    expectClose(logits, (await fullRead(loaded, [...text.slice(0, 5), ...long])).at(-1));
  });
});

describe('wrong use of a session', () => {
  const loaded = load(bounded['attention with learned positions']);
  const session = loaded.then(({ decoder }) => decoder.createSession());

  it.each([[[-1]], [[vocabularySize]], [[0.5]], [[1, 2, 99]]])('refuses the ids %o', async (ids) => {
    await expect((await session).prefill(ids)).rejects.toThrow(/Token id .* is outside the vocabulary of 11/);
    expect((await session).position).toBe(0);
  });

  it('refuses to read nothing', async () => {
    await expect((await session).prefill([])).rejects.toThrow('There is no token to read');
  });

  it('refuses two calls at once', async () => {
    const fork = await (await session).fork();
    const first = fork.step(1);
    await expect(fork.step(2)).rejects.toThrow('busy');
    await first;
    await fork.step(2);
    expect(fork.position).toBe(2);
  });

  it('refuses the state of another model, and changes nothing', async () => {
    const other = await (await load(gru)).decoder.createSession();
    await other.prefill([1, 2]);
    const fork = await (await session).fork();
    await fork.step(1);
    const state = await other.state();
    await expect(fork.restore(state)).rejects.toThrow(
      /"state.blocks.0.keys" is missing, expected float32\[1, 2, 20, 4\]/,
    );
    expect(fork.position).toBe(1);
  });

  it('stops between chunks when the signal fires, and knows what it has read', async () => {
    const fork = await (await session).fork();
    await expect(fork.prefill(text.slice(0, 18), { signal: firingAfter(1) })).rejects.toThrow('cancelled');
    expect(fork.position).toBe(16);
    await expect(fork.prefill([1], { signal: firingAfter(0) })).rejects.toThrow('cancelled');
    expect(fork.position).toBe(16);
  });

  it('forgets nothing when the signal fires at the bound', async () => {
    const fork = await (await session).fork();
    await fork.prefill(text.slice(0, maxLength));
    await expect(fork.step(1, { signal: firingAfter(0) })).rejects.toThrow('cancelled');
    expect(fork.position).toBe(maxLength);
    await fork.step(1, { signal: firingAfter(1) });
    expect(fork.position).toBe(maxLength / 2 + 1);
  });
});

/** A signal that has fired when it is asked for more than the given number of times. */
function firingAfter(times: number): AbortSignal {
  let asked = 0;
  return {
    get aborted() {
      return ++asked > times;
    },
  } as AbortSignal;
}
