// `mneme bench tasks`: a training step of an encoder-decoder, beam search, and BLEU, each as tasks use them.
import type { TensorData as Values } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Tensor } from '../../engine/graph.js';
import type { PairBatch } from '../../tasks/writing/pair-examples.js';
import type { Compiled } from './contestants.js';
import { Random } from '../../core/random.js';
import { sizeOf } from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';
import { flattenTree } from '../../core/tree.js';
import { buildProgram } from '../../engine/compile.js';
import { gradients } from '../../engine/grad.js';
import { Type, typesOf } from '../../engine/trace.js';
import { LoadedWriter, writeTexts } from '../../generate/index.js';
import { bleu, scoreCorpus } from '../../metrics/index.js';
import { EncoderDecoder } from '../../models/index.js';
import { pairBatch, pairModel } from '../../tasks/writing/pair-examples.js';
import { exampleSettingsFor, exampleTrainingSchema } from '../../train/example-settings.js';
import { initialOptimizerState, move } from '../../train/move.js';
import { contestant, gemm } from './contestants.js';
import { gflops, inTurns, median, rateRatio, rounded, timeMs } from './measure.js';

/** Sizes that the ratio is defined for: a batch of translation at width 256. */
export const stepSizes = {
  vocabularySize: 10_000,
  width: 256,
  hiddenSize: 1024,
  encoderLayers: 3,
  decoderLayers: 3,
  heads: 4,
  batch: 96,
  time: 24,
} as const;

/** What is written, with weights that were never trained: no text ends before its last token. */
const writingSizes = {
  width: 192,
  hiddenSize: 512,
  texts: 256,
  sourceTime: 16,
  tokens: 20,
  beams: 5,
} as const;

const scoredSegments = 3000;
const random = Random.fromSeed(1);
const ids = { padId: 0, startToken: 1, endToken: 2 };

export interface TasksReport {
  readonly encoderDecoder: {
    readonly parameters: number;
    readonly msPerStep: number;
    readonly tokensPerSecond: number;
    readonly gflops: number;
    /** FLOP/s divided by that of the bare matrix product in the same round; median of the rounds. */
    readonly ofGemm: number;
  };
  readonly beamSearch: {
    readonly beams: number;
    readonly texts: number;
    readonly tokensEach: number;
    readonly seconds: number;
    readonly textsPerSecond: number;
  };
  readonly bleu: { readonly segments: number; readonly seconds: number };
}

export async function benchTasks(
  runtime: Runtime,
  { rounds, onProgress }: { readonly rounds: number; readonly onProgress: (text: string) => void },
): Promise<TasksReport> {
  onProgress('compiling');
  const product = await gemm(runtime);
  const step = await encoderDecoderStep(runtime);
  const times = await inTurns([product, step], rounds, (round) =>
    onProgress(`round ${round + 1} of ${rounds}`),
  );
  for (const each of [product, step]) await each.dispose();
  const ms = median(times.get(step.name) ?? []);
  onProgress('beam search');
  const seconds = await beamSearchSeconds(runtime);
  onProgress('BLEU');
  const { texts, tokens: tokensEach, beams } = writingSizes;
  return {
    encoderDecoder: {
      parameters: step.parameters,
      msPerStep: rounded(ms, 4),
      tokensPerSecond: Math.round((2 * 1000 * stepSizes.batch * stepSizes.time) / ms),
      gflops: rounded(gflops(step.flops, ms)),
      ofGemm: rounded(rateRatio(times, step, product)),
    },
    beamSearch: {
      beams,
      texts,
      tokensEach,
      seconds: rounded(seconds),
      textsPerSecond: rounded(texts / seconds),
    },
    bleu: { segments: scoredSegments, seconds: rounded(await bleuSeconds()) },
  };
}

/**
 * Operations of a step: 6 for each weight and token that passes through it, the look-up apart, and 12 x width x pairs of
 * positions for the scores and weighted sums of attention, counted as full squares.
 */
function stepFlops(parameters: ReadonlyMap<string, Values>): number {
  const { batch, time, width, vocabularySize, encoderLayers, decoderLayers } = stepSizes;
  const inBlocks = [...parameters].filter(([path]) => path.includes('blocks.'));
  const weights = inBlocks.reduce((sum, [, { shape }]) => sum + sizeOf(shape), vocabularySize * width);
  const attention = 12 * width * batch * time ** 2 * (encoderLayers + 2 * decoderLayers);
  return 6 * weights * batch * time + attention;
}

/** Forward, backward, clipping and AdamW, as `mneme tune --task translate` runs them. */
async function encoderDecoderStep(runtime: Runtime): Promise<Compiled & { readonly parameters: number }> {
  const { batch, time, vocabularySize, ...sizes } = stepSizes;
  const model = new EncoderDecoder({ ...sizes, vocabularySize, maxLength: time, dropout: 0.1 });
  const learner = pairModel(model, 0.1);
  const parameters = learner.init(random.split('model'));
  const training = exampleTrainingSchema.parse({ batchSize: batch, steps: 1000, learningRate: 1e-3 });
  const { settings } = exampleSettingsFor(training, [time]);
  const initial = { parameters, optimizer: initialOptimizerState(settings, parameters) };
  const text = (): number[] => Array.from({ length: time }, () => 3 + random.integer(vocabularySize - 3));
  const pairs = Array.from({ length: batch }, () => ({ source: text(), target: text() }));
  const inputs = {
    batch: { ...pairBatch(pairs, { batchSize: batch, sourceTime: time, time }, ids) } as PairBatch<Values>,
    key: new TensorData('uint32', [2], random.graphKey()),
  };
  const weights = flattenTree<Values>(parameters);
  const compiled = await contestant(
    runtime,
    { name: 'encoder-decoder', flops: stepFlops(weights) },
    () =>
      buildProgram(
        (trees: { readonly parameters: Tree<Tensor>; readonly optimizer: Tree<Tensor> }, given) => {
          const { loss } = learner.loss(trees.parameters, { ...given.batch }, given.key);
          const gradient = gradients(loss, trees.parameters) as Tree<Tensor>;
          const { parameters: next, optimizer } = move(settings, trees, gradient);
          return { state: { parameters: next, optimizer }, outputs: { loss } };
        },
        {
          state: typesOf(initial) as never,
          inputs: { batch: typesOf({ ...inputs.batch }), key: new Type('uint32', [2]) },
        },
      ),
    initial,
    inputs as never,
  );
  const count = [...weights.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { ...compiled, parameters: count };
}

/** The second of two runs: programs are compiled in the first. */
async function beamSearchSeconds(runtime: Runtime): Promise<number> {
  const { texts, sourceTime, tokens, beams, ...sizes } = writingSizes;
  const { vocabularySize } = stepSizes;
  const layers = { encoderLayers: 3, decoderLayers: 3, heads: 4 };
  const model = new EncoderDecoder({ ...sizes, ...layers, vocabularySize, maxLength: 64 });
  const parameters = model.init(random.split('writer')) as unknown as Tree<Values>;
  const writer = await LoadedWriter.load(runtime, model, parameters);
  const sources = Array.from({ length: texts }, () =>
    Array.from({ length: sourceTime }, () => 3 + random.integer(vocabularySize - 3)),
  );
  const options = { ...ids, beams, maxTokens: tokens, minTokens: tokens - 1 };
  const write = (): Promise<unknown> => writeTexts(writer, sources, options);
  await write();
  const ms = await timeMs(write);
  await writer.dispose();
  return ms / 1000;
}

async function bleuSeconds(): Promise<number> {
  const words = 'a man woman child dog rides red old bicycle street on in the park , with .'.split(' ');
  const sentence = (): string =>
    Array.from({ length: 8 + random.integer(16) }, () => words[random.integer(words.length)]).join(' ');
  const hypotheses = Array.from({ length: scoredSegments }, sentence);
  const references = Array.from({ length: scoredSegments }, sentence);
  return (await timeMs(async () => scoreCorpus(bleu(), hypotheses, references))) / 1000;
}
