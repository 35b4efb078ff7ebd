// States in files, for every memory: what goes on from one is what was never interrupted, bit for bit.
import { afterAll, describe, expect, it } from 'vitest';
import type { Files } from '../../core/files.js';
import type { TextSource } from '../../data/index.js';
import type { SavedLanguageModel } from './load.js';
import { createRun } from '../../checkpoint/index.js';
import { CheckpointError, TokenizerError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { treeBytes, TensorData } from '../../core/tensor-data.js';
import { mapLeaves } from '../../core/tree.js';
import { textFile } from '../../data/index.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { memoryKinds } from '../../memory/create-memory.js';
import { LanguageModel } from '../../models/language-model.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { trainCharacterTokenizer } from '../../text/index.js';
import { loadLanguageModel, trainable } from './load.js';
import { readText } from './read-text.js';
import { openSession } from './text-session.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const letters = 'abcdefghij\n';
const maxLength = 20;

/** A run on a disk in memory, with weights large enough for logits to differ. */
async function runWith(model: object, seed = 1): Promise<{ files: Files; saved: SavedLanguageModel }> {
  const files = memoryFiles();
  const tokenizer = await trainCharacterTokenizer([letters]);
  const { vocabularySize } = tokenizer;
  const config = { vocabularySize, width: 8, heads: 2, maxLength, position: 'none', ...model };
  const run = await createRun(files, '/run', {
    config: { model: config },
    tokenizer: JSON.stringify(tokenizer.toJSON()),
  });
  const random = Random.fromSeed(seed);
  const parameters = mapLeaves(
    trainable(new LanguageModel(config)).init(random),
    ({ dtype, shape, data }: TensorData, path) => {
      const noise = random.split(path);
      return new TensorData(
        dtype,
        shape,
        Float32Array.from(data, (x) => x + 0.3 * noise.normal()),
      );
    },
  );
  const where = {
    step: 1,
    tokens: 1,
    random: random.state(),
    data: null,
    best: null,
    evaluationsSinceBest: 0,
  };
  await run.saveCheckpoint({ model: parameters, optimizer: {}, state: where });
  await run.close();
  return { files, saved: await loadLanguageModel(files, '/run') };
}

const text = Array.from({ length: 200 }, (_, i) => letters[(i * i + 3 * i) % letters.length]).join('');
const gru = { memory: 'gru', layers: 1 };

describe.each(memoryKinds)('a session with the memory %s', (kind) => {
  const prepared = runWith({ memory: ['gru', kind] });

  it('goes on from a file as if it had never been closed, also behind its bound', async () => {
    const { files, saved } = await prepared;
    const whole = await openSession(runtime, saved);
    // Within the first block, at a place that a bounded memory cannot hold, and long behind it.
    for (const [from, to] of [
      [0, 7],
      [7, 26],
      [26, 120],
    ]) {
      await whole.read(text.slice(from, to));
      await whole.saveState(files, '/state');
      const again = await openSession(runtime, saved);
      await again.read('jihgfedcba');
      await again.loadState(files, '/state');
      const fork = await whole.fork();
      expect(again.session.logits).toEqual(whole.session.logits);
      for (const session of [again, fork]) await session.read(text.slice(120, 145));
      expect(again.session.logits).toEqual(fork.session.logits);
      expect(await again.session.state()).toEqual(await fork.session.state());
      await fork.dispose();
      await again.dispose();
    }
    await whole.dispose();
  });

  it('forgets everything, and knows the bytes of its memory', async () => {
    const session = await openSession(runtime, (await prepared).saved);
    const empty = await session.session.state();
    await session.read(text.slice(0, 11));
    const { model } = (await prepared).saved;
    expect(session.stateBytes()).toBe(treeBytes(model.initialState(1)));
    expect(session.stateBytes(1_000_000)).toBe(session.stateBytes());
    await session.reset();
    expect(await session.session.state()).toEqual(empty);
    expect(session.hasRead).toBe(false);
    await session.dispose();
  });
});

describe('writing', () => {
  it('goes on where it stopped, with the same draws and the same penalties', async () => {
    const { files, saved } = await runWith(gru);
    const options = { maxTokens: 12, repetitionPenalty: 1.3 };
    const [whole, first] = [await openSession(runtime, saved), await openSession(runtime, saved)];
    const { text: expected } = await whole.write('abc', { ...options, maxTokens: 24, seed: 4 });
    const { text: beginning } = await first.write('abc', { ...options, seed: 4 });
    await first.saveState(files, '/state');
    const second = await openSession(runtime, saved);
    await second.loadState(files, '/state');
    const { text: end } = await second.write('', options);
    expect(beginning + end).toBe(expected);
  });

  it('has to begin with something', async () => {
    const session = await openSession(runtime, (await runWith(gru)).saved);
    await expect(session.write('')).rejects.toThrow(TokenizerError);
  });
});

describe('a state that does not fit', () => {
  async function refusal(own: object, other: object, seed = 1): Promise<unknown> {
    const { files, saved } = await runWith(own);
    const session = await openSession(runtime, saved);
    await session.read('abc');
    await session.saveState(files, '/state');
    const reader = await openSession(runtime, (await runWith(other, seed)).saved);
    await reader.read('ab');
    const before = await reader.session.state();
    const error: unknown = await reader.loadState(files, '/state').catch((thrown: unknown) => thrown);
    expect(await reader.session.state()).toEqual(before);
    return error;
  }

  it.each([
    ['another model', { ...gru, width: 16 }, 1, '"/state" is the state of another model.'],
    ['another memory', { ...gru, memory: 'lstm' }, 1, '"/state" is the state of another model.'],
    ['other weights', gru, 2, 'is the state of another version of this model, with other weights'],
  ])('is refused: %s', async (_, other, seed, message) => {
    const error = await refusal(gru, other, seed);
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as Error).message).toContain(message);
  });

  it('is refused: parameters, several texts at once, another version, half a file', async () => {
    const { files, saved } = await runWith(gru);
    const session = await openSession(runtime, saved);
    await session.read('abc');
    await session.saveState(files, '/state');
    await expect(session.loadState(files, '/run/model.safetensors')).rejects.toThrow(
      'is not a state that a model remembers',
    );
    const bytes = await files.readBytes('/state');
    const changed = async (from: string, to: string): Promise<void> => {
      const written = Buffer.from(bytes).toString('latin1').replace(from, to);
      await files.writeAtomic('/changed', Buffer.from(written, 'latin1'));
    };
    await changed('"batch":"1"', '"batch":"4"');
    await expect(session.loadState(files, '/changed')).rejects.toThrow(
      'is the state of 4 texts read side by side, and 1 is read here',
    );
    await changed('"version":"1"', '"version":"2"');
    await expect(session.loadState(files, '/changed')).rejects.toThrow('is a state of version 2');
    await files.writeAtomic('/changed', bytes.slice(0, bytes.length - 9));
    await expect(session.loadState(files, '/changed')).rejects.toThrow(CheckpointError);
  });
});

describe('reading a text', () => {
  const long = text.repeat(5);
  const source = async (files: Files): Promise<TextSource> => {
    await files.writeAtomic('/text.txt', long);
    return textFile(files, '/text.txt');
  };

  it.each([gru, { memory: 'attention', layers: 1 }])(
    'ends with the same bits when it is interrupted: %o',
    async (model) => {
      const { files, saved } = await runWith(model);
      const state = { files, path: '/state' };
      const whole = await openSession(runtime, saved);
      expect(await readText(whole, await source(files))).toEqual({ tokens: 1000, before: 0, finished: true });
      const controller = new AbortController();
      const first = await openSession(runtime, saved);
      const stopAt = ({ tokens }: { readonly tokens: number }): void => {
        if (tokens >= 300) controller.abort();
      };
      const stopped = { state, signal: controller.signal, onProgress: stopAt };
      expect(await readText(first, await source(files), stopped)).toEqual({
        tokens: 512,
        before: 0,
        finished: false,
      });
      const second = await openSession(runtime, saved);
      await second.loadState(files, '/state');
      expect(await readText(second, await source(files), { state })).toEqual({
        tokens: 1000,
        before: 512,
        finished: true,
      });
      expect(await second.session.state()).toEqual(await whole.session.state());
      expect(second.unfinished).toBeUndefined();
    },
  );

  it('refuses to go on in a text that has become shorter than what was read of it', async () => {
    const { files, saved } = await runWith(gru);
    const session = await openSession(runtime, saved);
    session.unfinished = { data: '/text.txt', tokens: 1500 };
    await expect(readText(session, await source(files))).rejects.toThrow(
      '"/text.txt" has become shorter: 1500 tokens of it were read before, and it has 1000.',
    );
    expect(session.hasRead).toBe(false);
  });

  it('reads a text again when it is asked to, after it was read to its end', async () => {
    const { files, saved } = await runWith(gru);
    const session = await openSession(runtime, saved);
    for (const position of [1000, 2000]) {
      expect(await readText(session, await source(files))).toMatchObject({ tokens: 1000, before: 0 });
      expect(session.session.position).toBe(position);
    }
  });
});
