// `mneme bench encoder`: masked-language-model steps against a bare matrix product, and how long inputs cost with local attention.
import type { Tree } from '../../core/tree.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Tensor, TensorType } from '../../engine/graph.js';
import type { MaskedLanguageModelParameters, MaskedSequences } from '../../models/masked-language-model.js';
import type { Schedule } from '../../optim/index.js';
import type { Compiled } from './contestants.js';
import { Random } from '../../core/random.js';
import { TensorData } from '../../core/tensor-data.js';
import { leavesOf } from '../../core/tree.js';
import { buildProgram } from '../../engine/compile.js';
import { gradients } from '../../engine/grad.js';
import { full } from '../../engine/ops/constant.js';
import { sum } from '../../engine/ops/reduce.js';
import { typesOf } from '../../engine/trace.js';
import { MaskedLanguageModel } from '../../models/masked-language-model.js';
import { lengthMask } from '../../nn/mask.js';
import { adamw, applyGradients } from '../../optim/index.js';
import { contestant, gemm } from './contestants.js';
import { gflops, inTurns, median, rateRatio, rounded } from './measure.js';

export interface EncoderBenchOptions {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabularySize: number;
  /** Tokens of a step. */
  readonly tokens: number;
  /** Neighbours that a position sees where attention is local. */
  readonly window: number;
  readonly rounds: number;
  readonly onProgress?: (text: string) => void;
}

/** Part of the tokens that are guessed. */
const fraction = 0.15;

interface Work {
  readonly model: MaskedLanguageModel;
  readonly initial: {
    readonly parameters: MaskedLanguageModelParameters<TensorData>;
    readonly optimizer: Tree<TensorData>;
  };
  readonly inputs: MaskedSequences<TensorData>;
  readonly flops: number;
}

const optimizer = (learningRate: Schedule) => adamw({ learningRate, weightDecay: 0.01 });

function workOf(options: EncoderBenchOptions, length: number, isLocal: boolean): Work {
  const { width, layers, heads, vocabularySize, tokens, window } = options;
  const attention = { kind: 'longformer', window } as const;
  const sizes = { vocabularySize, width, layers, heads, maxLength: length };
  const model = new MaskedLanguageModel({ ...sizes, ...(isLocal && { attention }) });
  const random = Random.fromSeed(1);
  const parameters = model.init(random.split('parameters'));
  const batch = Math.max(1, Math.floor(tokens / length));
  const places = Math.round(batch * length * fraction);
  const drawn = (count: number, bound: number): Int32Array =>
    Int32Array.from({ length: count }, () => random.integer(bound));
  const int32 = (shape: readonly number[], data: Int32Array): TensorData =>
    new TensorData('int32', shape, data);
  const inputs = {
    ids: int32([batch, length], drawn(batch * length, vocabularySize)),
    lengths: int32([batch], new Int32Array(batch).fill(length)),
    places: int32([places], drawn(places, batch * length)),
    targets: int32([places], drawn(places, vocabularySize)),
  };
  const ofBlocks = leavesOf(parameters.encoder.blocks as unknown as Tree<TensorData>);
  const count = ofBlocks.reduce((total, { data }) => total + data.length, 0);
  const flops =
    6 * count * batch * length +
    12 * layers * batch * length * length * width +
    6 * (width + vocabularySize) * width * places;
  const state = optimizer(() => full(1e-3)).init(parameters as unknown as Tree<TensorData>);
  return { model, initial: { parameters, optimizer: state }, inputs, flops };
}

/**
 * A training step: forward, backward and AdamW. Operations: 6 per parameter of the blocks and token, 12 x layers x batch x
 * length^2 x width for attention (full squares), 6 per parameter of the head and guessed token.
 */
function trainingStep(runtime: Runtime, name: string, work: Work): Promise<Compiled> {
  const { model, initial, inputs, flops } = work;
  type Trees<T> = { readonly parameters: Tree<T>; readonly optimizer: Tree<T> };
  const build = () =>
    buildProgram(
      (state: Trees<Tensor>, batch: MaskedSequences<Tensor>) => {
        const own = state.parameters as unknown as MaskedLanguageModelParameters<Tensor>;
        const { loss } = model.loss(own, batch);
        const gradient = gradients(loss, state.parameters) as Tree<Tensor>;
        const next = applyGradients(
          optimizer(() => full(1e-3)),
          gradient,
          state.optimizer,
          state.parameters,
        );
        return { state: { parameters: next.parameters, optimizer: next.state }, outputs: { loss } };
      },
      { state: typesOf(initial) as unknown as Trees<TensorType>, inputs: typesOf(inputs) },
    );
  return contestant(runtime, { name, flops }, build as never, initial, inputs as never);
}

/** A reading of the sequences, without gradients. */
function reading(runtime: Runtime, { model, initial, inputs }: Work): Promise<Compiled> {
  const build = () =>
    buildProgram(
      (
        { parameters }: { readonly parameters: MaskedLanguageModelParameters<Tensor> },
        { ids, lengths }: MaskedSequences<Tensor>,
      ) => {
        const mask = lengthMask(lengths, ids.shape[1] ?? 0);
        return { outputs: { total: sum(model.encoder.read(parameters.encoder, ids, mask)) } };
      },
      {
        state: typesOf({ parameters: initial.parameters }) as never,
        inputs: typesOf({ ids: inputs.ids, lengths: inputs.lengths }) as never,
      },
    );
  const { ids, lengths } = inputs;
  return contestant(runtime, { name: 'reading', flops: 0 }, build as never, initial, {
    ids,
    lengths,
  } as never);
}

export interface EncoderStepReport {
  readonly msPerStep: number;
  readonly tokensPerSecond: number;
  readonly gflops: number;
  /** FLOP/s divided by that of the bare matrix product in the same round; median of the rounds. */
  readonly ofGemm: number;
}

/** A training step of an encoder with full attention, in turns with a bare matrix product. */
export async function benchEncoderStep(
  runtime: Runtime,
  options: EncoderBenchOptions,
  length: number,
): Promise<EncoderStepReport> {
  options.onProgress?.('compiling');
  const product = await gemm(runtime);
  const work = workOf(options, length, false);
  const step = await trainingStep(runtime, 'encoder', work);
  const rounds = await inTurns([product, step], options.rounds, (round) =>
    options.onProgress?.(`encoder, round ${round + 1} of ${options.rounds}`),
  );
  await product.dispose();
  await step.dispose();
  const ms = median(rounds.get('encoder') ?? []);
  return {
    msPerStep: rounded(ms),
    tokensPerSecond: Math.round((1000 * work.inputs.ids.data.length) / ms),
    gflops: rounded(gflops(work.flops, ms)),
    ofGemm: rounded(rateRatio(rounds, step, product)),
  };
}

export interface LongInputReport {
  /** Of a training step, by length; every step has the same number of tokens. */
  readonly microsecondsPerToken: Readonly<Record<string, number>>;
  /** Of the longest and the shortest, in the same round; median of the rounds. 1: linear. */
  readonly growth: number;
}

/** Training steps with local attention at several lengths, in turns. */
export async function benchLongInputs(
  runtime: Runtime,
  options: EncoderBenchOptions,
  lengths: readonly number[],
): Promise<LongInputReport> {
  const steps: { readonly length: number; readonly step: Compiled; readonly tokens: number }[] = [];
  for (const length of [...lengths].sort((a, b) => a - b)) {
    options.onProgress?.(`compiling for ${length} tokens`);
    const work = workOf({ ...options, tokens: Math.max(...lengths) }, length, true);
    const step = await trainingStep(runtime, String(length), work);
    steps.push({ length, step, tokens: work.inputs.ids.data.length });
  }
  const rounds = await inTurns(
    steps.map(({ step }) => step),
    options.rounds,
    (round) => options.onProgress?.(`lengths, round ${round + 1} of ${options.rounds}`),
  );
  const perToken = steps.map(({ length, tokens }) =>
    (rounds.get(String(length)) ?? []).map((ms) => (1000 * ms) / tokens),
  );
  for (const { step } of steps) await step.dispose();
  const [first = [], last = []] = [perToken[0], perToken.at(-1)];
  return {
    microsecondsPerToken: Object.fromEntries(
      steps.map(({ length }, i) => [length, rounded(median(perToken[i] ?? []))]),
    ),
    growth: rounded(median(last.map((time, round) => time / (first[round] ?? NaN)))),
  };
}

export interface ResidentReport {
  readonly length: number;
  /** The most memory that this process ever held, everything included. */
  readonly peakResidentMegabytes: number;
}

/** Trains and reads one long input a few times. The peak is that of the whole process: nothing else should run in it. */
export async function benchResident(
  runtime: Runtime,
  options: EncoderBenchOptions,
  length: number,
): Promise<ResidentReport> {
  const work = workOf({ ...options, tokens: length }, length, true);
  for (const make of [() => trainingStep(runtime, 'step', work), () => reading(runtime, work)]) {
    const compiled = await make();
    for (let round = 0; round < options.rounds; round++) {
      options.onProgress?.(`${length} tokens, ${compiled.name} ${round + 1} of ${options.rounds}`);
      await compiled.run();
    }
    await compiled.dispose();
  }
  // `maxRSS` is in kilobytes.
  return { length, peakResidentMegabytes: Math.round(process.resourceUsage().maxRSS / 1000) };
}
