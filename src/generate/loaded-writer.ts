// A writer in a runtime: its weights on the device, and programs that write many texts side by side. Knows nothing of how tokens are chosen.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Executable } from '../engine/compile.js';
import type { Tensor, TensorType } from '../engine/graph.js';
import type { DeviceState, Runtime } from '../engine/runtime/runtime.js';
import type { Candidates, TextRows } from './beam-search.js';
import type { Writer, WriterSource } from './writer.js';
import { allocate } from '../core/dtype.js';
import { invariant } from '../core/errors.js';
import { sizeOf } from '../core/shape.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { flattenTree, mapLeaves } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { add, minimum } from '../engine/ops/arithmetic.js';
import { less } from '../engine/ops/comparison.js';
import { full, range } from '../engine/ops/constant.js';
import { gather } from '../engine/ops/indexing.js';
import { broadcastTo, expandDims, reshape } from '../engine/ops/layout.js';
import { sum } from '../engine/ops/reduce.js';
import { slice } from '../engine/ops/slicing.js';
import { logSoftmax } from '../engine/ops/softmax.js';
import { topK } from '../engine/ops/top-k.js';
import { log } from '../engine/ops/unary.js';
import { where } from '../engine/ops/where.js';
import { int32, trace, typesOf } from '../engine/trace.js';

/** What lies on the device while texts are written. */
type Held<T> = {
  readonly parameters: Tree<T>;
  readonly context: Tree<T>;
  readonly state: Tree<T>;
  /** [rows, sourceTime]: attention that each token of the source got so far */
  readonly coverage: T;
  /** int32 [texts] */
  readonly sourceLengths: T;
};

interface StepInputs<T> {
  readonly tokens: T;
  readonly parents: T;
}

interface StepOutputs<T> {
  readonly logits?: T;
  readonly tokens?: T;
  readonly logProbabilities?: T;
  readonly endLogProbabilities?: T;
  readonly coverage?: T;
}

type BeginProgram = Executable<WriterSource<TensorType>, Record<string, never>>;
type StepProgram = Executable<StepInputs<TensorType>, StepOutputs<Tensor>>;

/** What decides the shapes of programs. */
export interface WritingShape {
  /** Texts that are written side by side. */
  readonly texts: number;
  readonly sourceTime: number;
  /** Rows of each text. */
  readonly beams: number;
  /** Tokens that can be written, the start token included. */
  readonly capacity: number;
  readonly endToken: number;
}

/** The programs for texts of one shape. Those that write are compiled when first needed. */
interface Programs {
  readonly held: Held<TensorType>;
  readonly begin: BeginProgram;
  readonly steps: Map<number, Promise<StepProgram>>;
}

/** In the place of a number of candidates: all logits instead. */
const allLogits = 0;

/**
 * Weights and programs that write texts. Programs are compiled once for each shape and kept: choose few shapes.
 *
 * @example
 * const writer = await LoadedWriter.load(runtime, model, parameters);
 * const rows = await writer.begin(source, { beams: 5, capacity: 64, endToken: 2 });
 * const texts = await beamSearch(rows, { beams: 5, maxTokens: 64, startToken: 1, endToken: 2 });
 * await rows.dispose();
 */
export class LoadedWriter {
  readonly writer: Writer;
  private readonly runtime: Runtime;
  private readonly parameters: Tree<TensorType>;
  private readonly origin: DeviceState;
  private readonly programs = new Map<string, Promise<Programs>>();

  private constructor(runtime: Runtime, writer: Writer, parameters: Tree<TensorType>, origin: DeviceState) {
    this.runtime = runtime;
    this.writer = writer;
    this.parameters = parameters;
    this.origin = origin;
  }

  /** Copies the weights to the device. */
  static async load(runtime: Runtime, writer: Writer, parameters: Tree<TensorData>): Promise<LoadedWriter> {
    const origin = await runtime.createState();
    await origin.write(flattenTree<TensorData>({ parameters }));
    return new LoadedWriter(runtime, writer, typesOf(parameters), origin);
  }

  /** Goes on with other weights of the same shapes; rows that were begun keep theirs. */
  replace(parameters: Tree<TensorData>): Promise<void> {
    return this.origin.write(flattenTree<TensorData>({ parameters }));
  }

  /** Reads sources: what follows writes in their light. */
  async begin(
    source: WriterSource<TensorData>,
    { beams, capacity, endToken }: Pick<WritingShape, 'beams' | 'capacity' | 'endToken'>,
  ): Promise<LoadedRows> {
    const [texts = 0, sourceTime = 0] = source.source.shape;
    const shape = { texts, sourceTime, beams, capacity, endToken };
    const programs = await this.programsFor(shape);
    const device = await this.origin.fork();
    const { parameters: _, ...rest } = programs.held;
    await device.write(flattenTree<TensorData>(mapLeaves<TensorType, TensorData>(rest, zeros)));
    await programs.begin.run(device, source);
    const step = (count: number): Promise<StepProgram> => this.step(shape, programs, count);
    return new LoadedRows(shape, this.writer.vocabularySize, device, step);
  }

  /** Frees programs and weights; rows that are left can no longer write. */
  async dispose(): Promise<void> {
    for (const promise of this.programs.values()) {
      const { begin, steps } = await promise;
      for (const program of [begin, ...(await Promise.all(steps.values()))]) await program.dispose();
    }
    await this.origin.dispose();
  }

  private programsFor(shape: WritingShape): Promise<Programs> {
    const key = JSON.stringify(shape);
    const known = this.programs.get(key);
    if (known !== undefined) return known;
    const programs = this.compileBegin(shape);
    this.programs.set(key, programs);
    programs.catch(() => this.programs.delete(key));
    return programs;
  }

  private async compileBegin({ texts, sourceTime, beams, capacity }: WritingShape): Promise<Programs> {
    const source = { source: int32(texts, sourceTime), sourceLengths: int32(texts) };
    const begin = (parameters: Tree<Tensor>, given: WriterSource<Tensor>) => {
      const { context, state } = this.writer.begin(parameters, given, capacity);
      const coverage = broadcastTo(full(0), [texts * beams, sourceTime]);
      const { sourceLengths } = given;
      return { context, state: rowsOfTexts(state, texts, beams), coverage, sourceLengths };
    };
    const { output } = trace(begin, this.parameters, source);
    const held: Held<TensorType> = {
      parameters: this.parameters,
      ...(typesOf(output) as Omit<Held<TensorType>, 'parameters'>),
    };
    const program = await compile(
      this.runtime,
      ({ parameters }: Held<Tensor>, given: WriterSource<Tensor>) => ({
        state: begin(parameters, given) as unknown as Tree<Tensor>,
        outputs: {},
      }),
      { state: held, inputs: source },
    );
    return { held, begin: program as BeginProgram, steps: new Map() };
  }

  private step(shape: WritingShape, { held, steps }: Programs, count: number): Promise<StepProgram> {
    const known = steps.get(count);
    if (known !== undefined) return known;
    const rows = int32(shape.texts * shape.beams);
    const program = compile(
      this.runtime,
      (own: Held<Tensor>, inputs: StepInputs<Tensor>) => this.stepGraph(shape, own, inputs, count),
      { state: held, inputs: { tokens: rows, parents: rows } },
    ) as Promise<StepProgram>;
    steps.set(count, program);
    program.catch(() => steps.delete(count));
    return program;
  }

  private stepGraph(
    { beams, sourceTime, endToken }: WritingShape,
    held: Held<Tensor>,
    { tokens, parents }: StepInputs<Tensor>,
    count: number,
  ) {
    const ofParent = (leaf: Tensor): Tensor =>
      beams === 1 || leaf.shape.length === 0 ? leaf : gather(leaf, parents);
    const before = mapLeaves<Tensor, Tensor>(held.state, ofParent);
    const { logits, state, attention } = this.writer.step(held.parameters, tokens, before, held.context);
    const coverage = attention === undefined ? held.coverage : add(ofParent(held.coverage), attention); // [rows, sourceTime]
    const next = { state, coverage };
    if (count === allLogits) return { state: next, outputs: { logits } };
    const logProbabilities = logSoftmax(logits); // [rows, vocabularySize]
    const best = topK(logProbabilities, count);
    const outputs: StepOutputs<Tensor> = {
      tokens: best.indices,
      logProbabilities: best.values,
      endLogProbabilities: reshape(slice(logProbabilities, 1, endToken, endToken + 1), [-1]),
      ...(attention && {
        coverage: coverageScore(coverage, held.sourceLengths, beams, sourceTime),
      }),
    };
    return { state: next, outputs };
  }
}

/** sum of log(min(coverage, 1)) over the tokens of each row's source: [rows]. */
function coverageScore(coverage: Tensor, sourceLengths: Tensor, beams: number, sourceTime: number): Tensor {
  const lengths = repeatRows(sourceLengths, sourceLengths.shape[0] ?? 0, beams);
  const isToken = less(range(sourceTime), expandDims(lengths, 1)); // [rows, sourceTime]
  return sum(where(isToken, log(minimum(coverage, 1)), 0), 1);
}

/** Each text's part of a state, once for each of its rows. */
function rowsOfTexts(state: Tree<Tensor>, texts: number, beams: number): Tree<Tensor> {
  if (beams === 1) return state;
  return mapLeaves<Tensor, Tensor>(state, (leaf) =>
    leaf.shape.length === 0 ? leaf : repeatRows(leaf, texts, beams),
  );
}

/** [texts, ...] to [texts * beams, ...], the same row `beams` times in a row. */
function repeatRows(x: Tensor, texts: number, beams: number): Tensor {
  const rest = x.shape.slice(1);
  return reshape(broadcastTo(expandDims(x, 1), [texts, beams, ...rest]), [texts * beams, ...rest]);
}

function zeros({ dtype, shape }: TensorType): TensorData {
  return new HostTensor(dtype, shape, allocate(dtype, sizeOf(shape)));
}

/** Texts that are being written on a device. */
export class LoadedRows implements TextRows {
  readonly texts: number;
  readonly vocabularySize: number;
  private readonly device: DeviceState;
  private readonly program: (count: number) => Promise<StepProgram>;

  /** Rows are made by `LoadedWriter.begin`. */
  constructor(
    { texts }: WritingShape,
    vocabularySize: number,
    device: DeviceState,
    program: (count: number) => Promise<StepProgram>,
  ) {
    this.texts = texts;
    this.vocabularySize = vocabularySize;
    this.device = device;
    this.program = program;
  }

  /** @returns at least `count` candidates for each row, or all there are */
  async step(tokens: Int32Array, parents: Int32Array, count: number): Promise<Candidates> {
    // Powers of two, so that few programs serve all numbers.
    const rounded = Math.min(2 ** Math.ceil(Math.log2(Math.max(8, count))), this.vocabularySize);
    const outputs = await this.run(rounded, tokens, parents);
    return {
      count: rounded,
      tokens: valuesOf(outputs.tokens, Int32Array),
      logProbabilities: valuesOf(outputs.logProbabilities, Float32Array),
      endLogProbabilities: valuesOf(outputs.endLogProbabilities, Float32Array),
      coverage: (outputs.coverage?.data as Float32Array) ?? new Float32Array(tokens.length),
    };
  }

  /** The same, with everything the model says: float32 [rows * vocabularySize]. */
  async logits(tokens: Int32Array, parents: Int32Array): Promise<Float32Array> {
    const { logits } = await this.run(allLogits, tokens, parents);
    return valuesOf(logits, Float32Array);
  }

  dispose(): Promise<void> {
    return this.device.dispose();
  }

  private async run(
    count: number,
    tokens: Int32Array,
    parents: Int32Array,
  ): Promise<StepOutputs<TensorData>> {
    const program = await this.program(count);
    const vector = (data: Int32Array): TensorData => new HostTensor('int32', [data.length], data);
    return program.run(this.device, { tokens: vector(tokens), parents: vector(parents) });
  }
}

function valuesOf<T>(tensor: TensorData | undefined, type: new () => T): T {
  invariant(tensor?.data instanceof type, 'A program returns what it was compiled to return.');
  return tensor.data;
}
