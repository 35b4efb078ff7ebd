// Checks writing against choosing each token from a new reading of the whole text, and where texts end.
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import { add } from '../engine/ops/arithmetic.js';
import { gather } from '../engine/ops/indexing.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { ReferenceRuntime } from '../engine/runtime/reference-runtime.js';
import { LanguageModel } from '../models/language-model.js';
import { ByteLevelBpeTokenizer, CharacterTokenizer, trainBpe } from '../text/index.js';
import type { Tokenizer } from '../text/index.js';
import type { Decoder } from './decoder.js';
import type { GenerateOptions } from './generate.js';
import { collect, generate } from './generate.js';
import { LoadedDecoder } from './loaded-decoder.js';
import { tokenProbabilities } from './sampling.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const letters = new CharacterTokenizer({
  vocabulary: new Map([...'abcdefgh ,.'].map((letter, id) => [letter, id])),
});
const size = { vocabularySize: letters.vocabularySize, width: 8, layers: 2, heads: 2, maxLength: 16 };

async function load(config: object): Promise<LoadedDecoder> {
  const model = new LanguageModel({ ...size, ...config });
  return LoadedDecoder.load(runtime, model, model.init(Random.fromSeed(5)));
}

const attention = load({});
const gru = load({ memory: 'gru', position: 'none' });
const memories = [
  ['attention', attention],
  ['a GRU', gru],
] as const;

/** A decoder that writes a given text, whatever it reads: its memory is the place in the text. Reads one token at a time. */
function reciting(vocabularySize: number, ids: ArrayLike<number>): Promise<LoadedDecoder> {
  const rows = ids.length + 1; // A last one for what follows the text.
  const logits = new Float32Array(rows * vocabularySize);
  Array.from(ids).forEach((id, place) => (logits[place * vocabularySize + id] = 1));
  const decoder: Decoder = {
    vocabularySize,
    maxLength: Infinity,
    initialState: () => ({ place: new TensorData('int32', [1], Int32Array.of(0)) }),
    stateBytes: () => 4,
    read: () => {
      throw new Error('The prompt is one token.');
    },
    step(parameters, _, state) {
      const [table, { place }] = [parameters as Tensor, state as { readonly place: Tensor }];
      return { logits: gather(table, place), state: { place: add(place, 1) } };
    },
  };
  const table = new TensorData('float32', [rows, vocabularySize], logits);
  return LoadedDecoder.load(new ReferenceRuntime(), decoder, table);
}

/** What comes after one token of prompt from a decoder that recites `text`. */
async function recite(tokenizer: Tokenizer, text: string, options: GenerateOptions) {
  const decoder = await reciting(tokenizer.vocabularySize, tokenizer.encode(text));
  const session = await decoder.createSession();
  const pieces: string[] = [];
  const stream = generate(session, tokenizer, [0], { temperature: 0, ...options });
  const generation = await collect(stream, (piece) => pieces.push(piece));
  expect(pieces.join('')).toBe(generation.text);
  expect(session.position).toBe(1 + generation.tokens);
  return { ...generation, pieces };
}

describe.each(memories)('writing with %s', (_, loaded) => {
  const write = async (options: GenerateOptions, prompt = 'abc') => {
    const session = await (await loaded).createSession();
    return collect(generate(session, letters, letters.encode(prompt), options));
  };

  it('chooses, at temperature 0, what a new reading of the whole text finds most likely', async () => {
    const { ids } = await write({ temperature: 0, maxTokens: 12 });
    const known = Array.from(letters.encode('abc'));
    for (const id of ids) {
      const session = await (await loaded).createSession();
      const logits = await session.prefill(known);
      expect(id).toBe(logits.indexOf(Math.max(...logits)));
      known.push(id);
    }
  });

  it('draws from the distribution of the options, with the prompt and the text as what repeats', async () => {
    const options = { seed: 9, temperature: 1.5, topK: 4, repetitionPenalty: 3, maxTokens: 12 };
    const { ids } = await write(options);
    const known = Array.from(letters.encode('abc'));
    for (const id of ids) {
      const session = await (await loaded).createSession();
      const logits = await session.prefill(known);
      expect(tokenProbabilities(logits, new Set(known), options)[id]).toBeGreaterThan(0);
      known.push(id);
    }
  });

  it('writes the same text with the same seed, and another with another', async () => {
    const first = await write({ seed: 1, maxTokens: 40 });
    expect((await write({ seed: 1, maxTokens: 40 })).text).toBe(first.text);
    expect((await write({ seed: 2, maxTokens: 40 })).text).not.toBe(first.text);
    expect(first).toMatchObject({ tokens: 40, finish: 'length', text: letters.decode(first.ids) });
    expect(first.tokensPerSecond).toBeGreaterThan(0);
  });

  it('leaves the session where the text ends, so that it can be saved and gone on from', async () => {
    const session = await (await loaded).createSession();
    const { ids } = await collect(generate(session, letters, letters.encode('ab'), { maxTokens: 5 }));
    expect(session.position).toBe(7);
    const read = await (await loaded).createSession();
    await read.prefill(letters.encode('ab'));
    for (const id of ids) await read.step(id);
    expect(await session.state()).toEqual(await read.state());
  });

  it('leaves the session usable when the reader turns away', async () => {
    const session = await (await loaded).createSession();
    for await (const { id } of generate(session, letters, [1, 2], { maxTokens: 5 })) {
      expect(id).toBeLessThan(letters.vocabularySize);
      break;
    }
    expect(session.position).toBe(3);
    await session.step(1);
  });
});

describe('a text', () => {
  it('ends before a stop string that several tokens make up, and shows no part of it', async () => {
    const { text, pieces, finish, tokens } = await recite(letters, 'abc, def', { stop: [', d'] });
    expect({ text, finish, tokens }).toEqual({ text: 'abc', finish: 'stop', tokens: 6 });
    expect(pieces).toEqual(['a', 'b', 'c']);
  });

  it('goes on when a stop string does not come to its end', async () => {
    const options = { stop: [', d', 'fa'], maxTokens: 6 };
    const { text, pieces } = await recite(letters, 'a, ef', { ...options, maxTokens: 5 });
    expect({ text, pieces }).toEqual({ text: 'a, ef', pieces: ['a', ', e', 'f'] });
  });

  it('ends before an end token', async () => {
    const { text, finish, ids } = await recite(letters, 'abc.ab', { endTokens: [letters.idOf('.') ?? -1] });
    expect({ text, finish }).toEqual({ text: 'abc', finish: 'end' });
    expect(letters.decode(ids)).toBe('abc.');
  });

  it('ends after the number of tokens', async () => {
    const { text, finish, tokens } = await recite(letters, 'abcdef', { maxTokens: 3 });
    expect({ text, finish, tokens }).toEqual({ text: 'abc', finish: 'length', tokens: 3 });
  });

  it('never shows half a character', async () => {
    const bytes = await trainBpe(['a'], { vocabularySize: 256 });
    expect(bytes).toBeInstanceOf(ByteLevelBpeTokenizer);
    const whole = await recite(bytes, 'a😀中', { maxTokens: 8 });
    expect(whole.pieces).toEqual(['a', '😀', '中']);
    const half = await recite(bytes, 'a😀', { maxTokens: 3 });
    expect(half.text).toBe('a\ufffd');
  });

  it('stops at the signal, and the session goes on', async () => {
    const session = await (await gru).createSession();
    const controller = new AbortController();
    const stream = generate(session, letters, [1], { maxTokens: Infinity, signal: controller.signal });
    const reading = (async () => {
      for await (const _ of stream) if (session.position === 30) controller.abort();
    })();
    await expect(reading).rejects.toThrow('cancelled');
    expect(session.position).toBe(30);
    await session.step(1);
  });

  it('goes on beyond the bound of an attention, and for ever with a GRU', async () => {
    for (const loaded of [attention, gru]) {
      const session = await (await loaded).createSession();
      const { tokens } = await collect(generate(session, letters, [1], { maxTokens: 60 }));
      expect(tokens).toBe(60);
      expect(session.position).toBeLessThanOrEqual((await loaded).maxLength);
    }
  });
});

describe('wrong options', () => {
  it.each([
    [{ maxTokens: 0 }, 'maxTokens is 0; it must be a whole number of at least 1'],
    [{ maxTokens: 1.5 }, 'maxTokens is 1.5'],
    [{ topK: -1 }, 'topK is -1'],
    [{ stop: [''] }, 'A stop string is empty'],
  ])('%o are refused before anything is read', async (options, message) => {
    const session = await (await gru).createSession();
    expect(() => generate(session, letters, [1], options)).toThrow(message);
    expect(session.position).toBe(0);
  });

  it('include an empty prompt', async () => {
    const session = await (await gru).createSession();
    await expect(collect(generate(session, letters, []))).rejects.toThrow('There is no token to read');
  });
});
