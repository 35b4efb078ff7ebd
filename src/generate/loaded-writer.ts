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

/** The programs for texts of one shape, compiled when first needed. */
interface Programs {
  readonly held: Held<TensorType>;
  begin: Promise<BeginProgram> | undefined;
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
  private readonly programs = new Map<string, Programs>();

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
    const programs = this.programsFor(shape);
    const begin = await this.beginning(shape, programs);
    const device = await this.origin.fork();
    const { parameters: _, ...rest } = programs.held;
    await device.write(flattenTree<TensorData>(mapLeaves<TensorType, TensorData>(rest, zeros)));
    await begin.run(device, source);
    const step = (own: WritingShape, count: number): Promise<StepProgram> =>
      this.step(own, this.programsFor(own), count);
    const paths = [...flattenTree<TensorType>(rest).keys()];
    return new LoadedRows({ shape, paths, device }, this.writer.vocabularySize, step);
  }

  /** Frees programs and weights; rows that are left can no longer write. */
  async dispose(): Promise<void> {
    for (const { begin, steps } of this.programs.values())
      for (const program of [begin, ...steps.values()]) await (await program)?.dispose();
    await this.origin.dispose();
  }

  private programsFor(shape: WritingShape): Programs {
    const key = JSON.stringify(shape);
    const known = this.programs.get(key);
    if (known !== undefined) return known;
    const { output } = trace(this.beginGraph(shape), this.parameters, sourceTypes(shape));
    const held: Held<TensorType> = {
      parameters: this.parameters,
      ...(typesOf(output) as Omit<Held<TensorType>, 'parameters'>),
    };
    const programs: Programs = { held, begin: undefined, steps: new Map() };
    this.programs.set(key, programs);
    return programs;
  }

  private beginGraph({ texts, sourceTime, beams, capacity }: WritingShape) {
    return (parameters: Tree<Tensor>, given: WriterSource<Tensor>) => {
      const { context, state } = this.writer.begin(parameters, given, capacity);
      const coverage = broadcastTo(full(0), [texts * beams, sourceTime]);
      const { sourceLengths } = given;
      return { context, state: rowsOfTexts(state, texts, beams), coverage, sourceLengths };
    };
  }

  private beginning(shape: WritingShape, programs: Programs): Promise<BeginProgram> {
    if (programs.begin !== undefined) return programs.begin;
    const begin = this.beginGraph(shape);
    const program = compile(
      this.runtime,
      ({ parameters }: Held<Tensor>, given: WriterSource<Tensor>) => ({
        state: begin(parameters, given) as unknown as Tree<Tensor>,
        outputs: {},
      }),
      { state: programs.held, inputs: sourceTypes(shape) },
    ) as Promise<BeginProgram>;
    programs.begin = program;
    program.catch(() => (programs.begin = undefined));
    return program;
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

function sourceTypes({ texts, sourceTime }: WritingShape): WriterSource<TensorType> {
  return { source: int32(texts, sourceTime), sourceLengths: int32(texts) };
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

/** What lies on the device for the texts of a shape, at these paths. */
interface Place {
  readonly shape: WritingShape;
  readonly paths: readonly string[];
  readonly device: DeviceState;
}

type ProgramFor = (shape: WritingShape, count: number) => Promise<StepProgram>;

/** Texts that are being written on a device. */
export class LoadedRows implements TextRows {
  readonly vocabularySize: number;
  private readonly place: Place;
  private readonly program: ProgramFor;
  private shape: WritingShape;

  /** Rows are made by `LoadedWriter.begin`. */
  constructor(place: Place, vocabularySize: number, program: ProgramFor) {
    this.place = place;
    this.vocabularySize = vocabularySize;
    this.program = program;
    this.shape = place.shape;
  }

  get texts(): number {
    return this.shape.texts;
  }

  /** Their part of what lies on the device is taken out on the host: no program is needed for it. */
  async keep(texts: readonly number[]): Promise<void> {
    const { beams } = this.shape;
    const rows = texts.flatMap((text) => Array.from({ length: beams }, (_, beam) => text * beams + beam));
    const { device, paths } = this.place;
    const isByRow = (path: string): boolean => path === 'coverage' || path.startsWith('state.');
    const held = [...(await device.read(paths))];
    await device.write(
      new Map(held.map(([path, tensor]) => [path, rowsTaken(tensor, isByRow(path) ? rows : texts)])),
    );
    this.shape = { ...this.shape, texts: texts.length };
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
    return this.place.device.dispose();
  }

  private async run(
    count: number,
    tokens: Int32Array,
    parents: Int32Array,
  ): Promise<StepOutputs<TensorData>> {
    const program = await this.program(this.shape, count);
    const vector = (data: Int32Array): TensorData => new HostTensor('int32', [data.length], data);
    return program.run(this.place.device, { tokens: vector(tokens), parents: vector(parents) });
  }
}

/** Rows along the first axis; of a scalar, which all share, itself. */
function rowsTaken({ dtype, shape, data }: TensorData, rows: readonly number[]): TensorData {
  if (shape.length === 0) return new HostTensor(dtype, shape, data);
  const taken = [rows.length, ...shape.slice(1)];
  const size = sizeOf(shape.slice(1));
  const values = allocate(dtype, sizeOf(taken));
  rows.forEach((row, i) => values.set(data.subarray(row * size, (row + 1) * size), i * size));
  return new HostTensor(dtype, taken, values);
}

function valuesOf<T>(tensor: TensorData | undefined, type: new () => T): T {
  invariant(tensor?.data instanceof type, 'A program returns what it was compiled to return.');
  return tensor.data;
}
