// Texts written with caches on a device, against a model that reads everything anew for every token.
import { afterAll, describe, expect, it } from 'vitest';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { Candidates, Hypothesis, TextRows } from './beam-search.js';
import type { EncoderDecoderParameters } from '../models/encoder-decoder.js';
import type { WriterSource } from './writer.js';
import { Random } from '../core/random.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { mapLeaves } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { NodeRuntime } from '../engine/runtime/node.js';
import { typesOf } from '../engine/trace.js';
import { EncoderDecoder } from '../models/encoder-decoder.js';
import { beamSearch } from './beam-search.js';
import { LoadedWriter } from './loaded-writer.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const [startToken, endToken, sourceTime] = [1, 0, 6];
const model = new EncoderDecoder({
  vocabularySize: 9,
  width: 16,
  encoderLayers: 1,
  decoderLayers: 2,
  heads: 2,
  maxLength: 40,
});
/** Larger than first weights are, so that what is read and written matters. */
const parameters = mapLeaves<TensorData, TensorData>(
  model.init(Random.fromSeed(4)) as unknown as Tree<TensorData>,
  (leaf) =>
    new HostTensor(
      'float32',
      leaf.shape,
      Float32Array.from(leaf.data, (x) => 3 * Number(x)),
    ),
);
const ids = (shape: readonly number[], values: readonly number[]): TensorData =>
  new HostTensor('int32', shape, Int32Array.from(values));
const source: WriterSource<TensorData> = {
  source: ids([3, sourceTime], [3, 4, 5, 6, 0, 0, 8, 2, 3, 3, 5, 7, 4, 2, 0, 0, 0, 0]),
  sourceLengths: ids([3], [4, 6, 2]),
};

/** Rows without caches: each step reads the source and all that was written again. */
function plainRows(beams: number, lengths: readonly number[]): TextRows {
  const { vocabularySize } = model;
  let written: (readonly number[])[] = Array.from({ length: 3 * beams }, () => []);
  let attended: (readonly (readonly number[])[])[] = written.map(() => []);
  return {
    texts: 3,
    vocabularySize,
    async step(tokens, parents, count): Promise<Candidates> {
      attended = written.map((_, row) => attended[parents[row] ?? 0] ?? []);
      written = written.map((_, row) => [...(written[parents[row] ?? 0] ?? []), tokens[row] ?? 0]);
      const time = written[0]?.length ?? 0;
      const inputs = ids([3 * beams, time], written.flat());
      const program = await compile(
        runtime,
        (_: unknown, given) => {
          const own = given.parameters as unknown as EncoderDecoderParameters<Tensor>;
          const { logits, attention } = model.write(own, given.inputs, model.encode(own, given.source));
          return { outputs: { logits, attention } };
        },
        { state: {}, inputs: typesOf({ parameters, inputs, source }) },
      );
      const results = await program.run(await runtime.createState(), { parameters, inputs, source } as never);
      await program.dispose();
      const last = (tensor: TensorData, row: number, size: number): number[] =>
        Array.from(tensor.data.slice(((row + 1) * time - 1) * size, (row + 1) * time * size), Number);
      const rows = written.map((_, row) => {
        const logits = last(results.logits, row, vocabularySize);
        const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
        const scores = logits.map((logit) => logit - total);
        attended[row] = [...(attended[row] ?? []), last(results.attention, row, sourceTime)];
        const sums = Array.from({ length: lengths[Math.floor(row / beams)] ?? 0 }, (_, place) =>
          (attended[row] ?? []).reduce((sum, weights) => sum + (weights[place] ?? 0), 0),
        );
        const best = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0)).slice(0, count);
        const coverage = sums.reduce((sum, weight) => sum + Math.log(Math.min(weight, 1)), 0);
        return { scores, best, coverage };
      });
      return {
        count,
        tokens: Int32Array.from(rows.flatMap(({ best }) => best)),
        logProbabilities: Float32Array.from(
          rows.flatMap(({ scores, best }) => best.map((token) => scores[token] ?? 0)),
        ),
        endLogProbabilities: Float32Array.from(rows, ({ scores }) => scores[endToken] ?? 0),
        coverage: Float32Array.from(rows, ({ coverage }) => coverage),
      };
    },
  };
}

const shown = (found: readonly (readonly Hypothesis[])[]): string[][] =>
  found.map((results) =>
    results.map(({ tokens, score, finish }) => `${tokens.join()} ${score.toFixed(3)} ${finish}`),
  );

describe('LoadedWriter', () => {
  it.each([
    { beams: 1 },
    { beams: 3, results: 3 },
    { beams: 4, results: 4, coveragePenalty: 0.3, lengthPenalty: 0.6, noRepeatNgram: 2 },
  ])('finds with caches what is found without: %j', async (chosen) => {
    const options = { ...chosen, maxTokens: 8, startToken, endToken };
    const writer = await LoadedWriter.load(runtime, model, parameters);
    const rows = await writer.begin(source, { beams: chosen.beams, capacity: 10, endToken });
    const found = await beamSearch(rows, options);
    expect(shown(found)).toEqual(shown(await beamSearch(plainRows(chosen.beams, [4, 6, 2]), options)));
    await rows.dispose();
    await writer.dispose();
  });

  it('keeps its programs: a second batch of the same shape finds its own texts', async () => {
    const writer = await LoadedWriter.load(runtime, model, parameters);
    const search = async (sources: WriterSource<TensorData>): Promise<string[][]> => {
      const rows = await writer.begin(sources, { beams: 2, capacity: 8, endToken });
      const found = await beamSearch(rows, { beams: 2, maxTokens: 8, startToken, endToken });
      await rows.dispose();
      return shown(found);
    };
    const first = await search(source);
    const turned = await search({
      source: ids([3, sourceTime], [7, 4, 2, 0, 0, 0, 0, 3, 4, 5, 6, 0, 8, 2, 3, 3, 5, 7].slice(0, 18)),
      sourceLengths: ids([3], [3, 5, 6]),
    });
    expect(turned).not.toEqual(first);
    expect(await search(source)).toEqual(first);
    await writer.dispose();
  });

  it.each([{ beams: 1 }, { beams: 3, stopping: 'first', coveragePenalty: 0.2 } as const])(
    'writes the same in a batch that becomes smaller: %j',
    async (chosen) => {
      const writer = await LoadedWriter.load(runtime, model, parameters);
      const texts = 48;
      const random = Random.fromSeed(6);
      const many = {
        source: ids(
          [texts, sourceTime],
          Array.from({ length: texts * sourceTime }, () => 2 + random.integer(7)),
        ),
        sourceLengths: ids(
          [texts],
          Array.from({ length: texts }, () => 1 + random.integer(sourceTime)),
        ),
      };
      const search = async (mayShrink: boolean) => {
        const rows = await writer.begin(many, { beams: chosen.beams, capacity: 36, endToken });
        const { vocabularySize } = rows;
        const step: TextRows['step'] = (tokens, parents, count) => rows.step(tokens, parents, count);
        const fixed: TextRows = { texts, vocabularySize, step };
        const options = { ...chosen, maxTokens: 36, startToken, endToken, noRepeatNgram: 1 };
        const found = shown(await beamSearch(mayShrink ? rows : fixed, options));
        const left = rows.texts;
        await rows.dispose();
        return { found, left };
      };
      const [small, whole] = [await search(true), await search(false)];
      expect(small.found).toEqual(whole.found);
      expect(small.left).toBeLessThan(texts);
      expect(whole.left).toBe(texts);
      await writer.dispose();
    },
  );
});
