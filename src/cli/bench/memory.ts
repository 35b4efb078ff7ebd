// `mneme bench memory`: training steps of every memory, how windows grow with the length, and what reading in chunks gains.
import type { Tree } from '../../core/tree.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Tensor } from '../../engine/graph.js';
import type { AnyMemory, SharedMemoryOptions } from '../../memory/memory-kind.js';
import type { Compiled } from './contestants.js';
import { Random } from '../../core/random.js';
import { flattenTree, mapLeaves } from '../../core/tree.js';
import { compile } from '../../engine/compile.js';
import { constant } from '../../engine/ops/constant.js';
import type { TensorData } from '../../core/tensor-data.js';
import { transpose } from '../../engine/ops/layout.js';
import { max } from '../../engine/ops/reduce.js';
import { scan } from '../../engine/ops/scan.js';
import { abs } from '../../engine/ops/unary.js';
import { sub } from '../../engine/ops/arithmetic.js';
import { float32, typesOf } from '../../engine/trace.js';
import { createMemory } from '../../memory/create-memory.js';
import { gemm, memoryStep, normal } from './contestants.js';
import { inTurns, median, rateRatio, rounded, timeMs } from './measure.js';

export interface MemoryBenchOptions {
  readonly memories: readonly string[];
  /** Sizes of the layers. */
  readonly widths: readonly number[];
  readonly batch: number;
  /** Tokens of a sequence. */
  readonly time: number;
  /** Lengths at which windows are compared with attention. */
  readonly lengths: readonly number[];
  readonly rounds: number;
  readonly onProgress?: (text: string) => void;
}

/** A training step of one memory at one width. */
export interface MemoryStepReport {
  readonly msPerStep: number;
  readonly tokensPerSecond: number;
  /** Recurrent layers: FLOP/s divided by that of a bare matrix product in the same round; median of the rounds. */
  readonly ofGemm?: number;
}

export interface MemoryReport extends MemoryStepReport {
  /** Of one sequence, at the largest width. */
  readonly stateBytes: number;
  readonly byWidth: Readonly<Record<string, MemoryStepReport>>;
}

/** Heads of memories that have any; every width is a multiple. */
const heads = 4;

function memoryOf(kind: string, shared: Pick<SharedMemoryOptions, 'width' | 'maxLength'>): AnyMemory {
  return createMemory(kind, { ...shared, heads });
}

/** Training steps of every memory, in turns with a bare matrix product. The figures of a memory are those of the largest width. */
export async function benchSteps(
  runtime: Runtime,
  { memories, widths, batch, time, rounds, onProgress = () => undefined }: MemoryBenchOptions,
): Promise<Record<string, MemoryReport>> {
  const reports = new Map<string, MemoryReport>();
  for (const width of [...widths].sort((a, b) => a - b)) {
    const product = await gemm(runtime);
    for (const kind of memories) {
      const memory = memoryOf(kind, { width, maxLength: time });
      onProgress(`${kind} at width ${width}`);
      const work = await memoryStep(runtime, { name: kind, memory, batch, time });
      const own = await stepReport([product, work], batch * time, rounds);
      await work.dispose();
      const byWidth = { ...reports.get(kind)?.byWidth, [width]: own };
      reports.set(kind, { ...own, stateBytes: memory.stateBytes(time), byWidth });
    }
    await product.dispose();
  }
  return Object.fromEntries(reports);
}

async function stepReport(
  [product, work]: readonly [Compiled, Compiled],
  tokens: number,
  count: number,
): Promise<MemoryStepReport> {
  const rounds = await inTurns([product, work], count);
  const ms = median(rounds.get(work.name) ?? []);
  return {
    msPerStep: rounded(ms),
    tokensPerSecond: Math.round((1000 * tokens) / ms),
    ...(work.flops > 0 && { ofGemm: rounded(rateRatio(rounds, work, product)) }),
  };
}

/** Time per token of a training step at each length, in microseconds. */
export interface LengthReport {
  readonly microsecondsPerToken: Readonly<Record<string, number>>;
  /** Of the longest length and the shortest; median of the rounds. 1: linear. */
  readonly growth: number;
  /** Time of full attention divided by that of this memory, at each length, in the same round; median of the rounds. */
  readonly timesFasterThanAttention: Readonly<Record<string, number>>;
}

/** Memories whose cost for a token does not depend on the length; `attention` is what they are compared with. */
const bounded = ['sliding-window', 'longformer'] as const;
const lengthWidth = 128;
/** Tokens that a token sees. Its default would grow with the length. */
const window = 128;

/** How the time of a training step grows with the length: windows against full attention, one sequence at a time. */
export async function benchLengths(
  runtime: Runtime,
  { lengths, rounds, onProgress = () => undefined }: MemoryBenchOptions,
): Promise<Record<string, LengthReport>> {
  const kinds = [...bounded, 'attention'];
  const times = new Map<string, number[][]>(kinds.map((kind) => [kind, []]));
  const work: Compiled[][] = [];
  for (const length of lengths) {
    onProgress(`compiling for ${length} tokens`);
    const sizes = { width: lengthWidth, maxLength: length };
    const row: Compiled[] = [];
    for (const kind of kinds) {
      const config = kind === 'attention' ? kind : { kind, window };
      const memory = createMemory(config, { ...sizes, heads });
      row.push(await memoryStep(runtime, { name: kind, memory, batch: 1, time: length }));
    }
    work.push(row);
  }
  for (const step of work.flat()) await step.run();
  for (let round = 0; round < rounds; round++) {
    onProgress(`lengths, round ${round + 1} of ${rounds}`);
    const own = new Map<string, number[]>(kinds.map((kind) => [kind, []]));
    for (const [i, length] of lengths.entries())
      for (const step of work[i] ?? []) {
        const repeats = Math.max(2, Math.round(4096 / length));
        const ms: number[] = [];
        await step.run(); // The memory it works in has been another's meanwhile.
        for (let n = 0; n < repeats; n++) ms.push(await timeMs(() => step.run()));
        own.get(step.name)?.push((1000 * median(ms)) / length);
      }
    for (const [kind, perToken] of own) times.get(kind)?.push(perToken);
  }
  for (const step of work.flat()) await step.dispose();
  const at = (kind: string, i: number): number[] => (times.get(kind) ?? []).map((round) => round[i] ?? NaN);
  const byLength = (value: (i: number) => number): Record<string, number> =>
    Object.fromEntries(lengths.map((length, i) => [length, rounded(value(i))]));
  return Object.fromEntries(
    kinds.map((kind) => [
      kind,
      {
        microsecondsPerToken: byLength((i) => median(at(kind, i))),
        growth: rounded(
          median((times.get(kind) ?? []).map((round) => (round.at(-1) ?? NaN) / (round[0] ?? NaN))),
        ),
        timesFasterThanAttention: byLength((i) => {
          const attention = at('attention', i);
          return median(at(kind, i).map((time, round) => (attention[round] ?? NaN) / time));
        }),
      },
    ]),
  );
}

export interface ChunkReport {
  readonly tokens: number;
  readonly msInChunks: number;
  readonly msTokenByToken: number;
  /** Median over the rounds. */
  readonly timesFaster: number;
  /** Between the outputs of both, in absolute value. */
  readonly largestDifference: number;
}

/** A training step of `delta-net` that reads in chunks, against one that steps from token to token. */
export async function benchChunks(
  runtime: Runtime,
  { rounds, onProgress = () => undefined }: MemoryBenchOptions,
  time = 1024,
): Promise<ChunkReport> {
  const [width, batch] = [128, 4];
  const memory = memoryOf('delta-net', { width, maxLength: time });
  onProgress(`delta-net, ${time} tokens in chunks and one by one`);
  const inChunks = await memoryStep(runtime, { name: 'chunks', memory, batch, time });
  const read = (parameters: Tree<Tensor>, x: Tensor): Tensor => stepThrough(memory, parameters, x, batch);
  const stepped = await memoryStep(runtime, { name: 'tokens', memory, batch, time, read });
  const turns = await inTurns([inChunks, stepped], rounds);
  await inChunks.dispose();
  await stepped.dispose();
  const [own = [], other = []] = ['chunks', 'tokens'].map((name) => turns.get(name) ?? []);
  return {
    tokens: time,
    msInChunks: rounded(median(own)),
    msTokenByToken: rounded(median(other)),
    timesFaster: rounded(median(other.map((ms, i) => ms / (own[i] ?? NaN)))),
    largestDifference: await largestDifference(runtime, memory, batch, time),
  };
}

/** Outputs [batch, time, width] of one step after another, in a loop of the graph. */
function stepThrough(memory: AnyMemory, parameters: Tree<Tensor>, x: Tensor, batch: number): Tensor {
  const start = mapLeaves<TensorData, Tensor>(memory.initialState(batch), (leaf) => constant(leaf));
  const { ys } = scan(
    (state: Tree<Tensor>, token: Tensor) => {
      const { output, state: next } = memory.step(parameters, token, state);
      return { carry: next, y: output };
    },
    start,
    transpose(x, [1, 0, 2]),
  );
  return transpose(ys, [1, 0, 2]);
}

async function largestDifference(
  runtime: Runtime,
  memory: AnyMemory,
  batch: number,
  time: number,
): Promise<number> {
  const parameters = memory.init(Random.fromSeed(3));
  const x = normal([batch, time, memory.width]);
  const program = await compile(
    runtime,
    (state: { readonly parameters: Tree<Tensor> }, given: { readonly x: Tensor }) => {
      const whole = memory.read(state.parameters, given.x).output;
      const steps = stepThrough(memory, state.parameters, given.x, batch);
      return { outputs: max(abs(sub(whole, steps))) };
    },
    { state: typesOf({ parameters }) as never, inputs: { x: float32(batch, time, memory.width) } as never },
  );
  const state = await runtime.createState();
  await state.write(flattenTree<TensorData>({ parameters }));
  const difference = await program.run(state, { x } as never);
  await state.dispose();
  await program.dispose();
  return difference.data[0] ?? NaN;
}
