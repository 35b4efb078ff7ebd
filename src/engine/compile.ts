// From a function over symbolic tensors to something that runs: trace, optimize, lower, load. Knows no runtime.
import type { MapTree, Tree } from '../core/tree.js';
import type { Graph, TensorType } from './graph.js';
import type {
  DeviceState,
  Program,
  ProgramInput,
  ProgramOutput,
  RunOptions,
  Runtime,
  Session,
} from './runtime/runtime.js';
import { RuntimeError, invariant } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { flattenTree, unflattenLike } from '../core/tree.js';
import { Tensor } from './graph.js';
import { lower } from './onnx/lower.js';
import { optimize } from './optimize.js';
import { placeholders } from './trace.js';

/** Symbolic tensors in the place of types. */
export type Symbolic<Types> = MapTree<Types, TensorType, Tensor>;

/** Values in the place of types. */
export type Values<Types> = MapTree<Types, TensorType, TensorData>;

/** Values in the place of symbolic tensors. */
export type Results<Out> = MapTree<Out, Tensor, TensorData>;

/** What a compiled function returns while it is traced. */
export interface StepResult<Out> {
  /** New values of state tensors, a tree with the paths of the state; paths left out stay as they are. */
  readonly state?: Tree<Tensor>;
  /** What is handed back. */
  readonly outputs: Out;
}

export interface CompileOptions {
  /** Paths in `outputs` that must be finite for the state to be updated, such as `loss`. */
  readonly guards?: readonly string[];
  /** Strings stored in the model file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The types a function is compiled for. */
export interface Signature<StateTypes, InputTypes> {
  /** Tensors kept on the device between runs, by path. */
  readonly state: StateTypes;
  /** Tensors handed in with each run. */
  readonly inputs: InputTypes;
}

/** A program together with the trees of its arguments and results. */
export interface CompiledProgram<InputTypes, Out> {
  readonly program: Program;
  readonly inputTypes: InputTypes;
  readonly outputs: Out;
}

/**
 * Traces, optimizes and lowers `f` for one set of shapes: one ONNX graph for all it does. In the model file, state is
 * called by its path, what is handed in `inputs.PATH`, what is handed back `outputs.PATH`, the new value of a state tensor
 * `next.PATH`, and the new part of one that is otherwise unchanged `range.PATH`.
 * @param f receives the state and the inputs as symbolic tensors
 * @throws {ShapeError} when an op does not accept its inputs
 */
export function buildProgram<StateTypes, InputTypes, Out>(
  f: (state: Symbolic<StateTypes>, inputs: Symbolic<InputTypes>) => StepResult<Out>,
  signature: Signature<StateTypes, InputTypes>,
  options: CompileOptions = {},
): CompiledProgram<InputTypes, Out> {
  const state = placeholders(signature.state, '');
  const inputs = placeholders(signature.inputs, '');
  const { state: nextState = {}, outputs } = f(state, inputs);
  const stateIn = flattenTree(state as Tree<Tensor>);
  const stateOut = [...flattenTree(nextState)].filter(([path, tensor]) => stateIn.get(path) !== tensor);
  checkState(stateIn, stateOut);
  const changes = stateOut.map(([path, tensor]) => changeOf(path, tensor, stateIn));
  const given = flattenTree(inputs as Tree<Tensor>);
  const returned = flattenTree(outputs as Tree<Tensor>);
  const graph = optimize({
    inputs: [...stateIn.values(), ...given.values()],
    outputs: [...changes.map(({ value }) => value), ...returned.values()],
  });
  const plannedInputs = [
    ...[...stateIn].map(([path, tensor]) => planned(path, tensor, { state: path })),
    ...[...given].map(([path, tensor]) => planned(joined('inputs', path), tensor)),
  ];
  const plannedOutputs = [
    ...changes.map(({ output }) => output),
    ...[...returned].map(([path, tensor]) => planned(joined('outputs', path), tensor)),
  ];
  const guards = (options.guards ?? []).map((path) => {
    const index = [...returned.keys()].indexOf(path);
    invariant(index >= 0, `The guard "${path}" is not an output.`);
    return index;
  });
  const program = programOf(
    graph,
    { inputs: plannedInputs, outputs: plannedOutputs, guards },
    options.metadata,
  );
  return { program, inputTypes: signature.inputs, outputs };
}

/** What a program does to a state tensor: the value that leaves the graph, and where it goes. */
interface Change {
  readonly value: Tensor;
  readonly output: ProgramOutput;
}

/**
 * Of a tensor that is the old one with a range overwritten, only the range leaves the graph, and the runtime writes it in
 * place: the cache of an attention is not copied for every token. The start must be state too, so that the runtime knows it.
 */
function changeOf(path: string, tensor: Tensor, stateIn: ReadonlyMap<string, Tensor>): Change {
  const { op, inputs, attributes } = tensor.node;
  const [whole, value, startAt] = inputs;
  const start = [...stateIn].find(([, old]) => old === startAt)?.[0];
  if (op.name !== 'updateSlice' || whole !== stateIn.get(path) || value === undefined || start === undefined)
    return { value: tensor, output: planned(joined('next', path), tensor, { state: path }) };
  const range = { axis: attributes['axis'] as number, start };
  return { value, output: planned(joined('range', path), value, { state: path, range }) };
}

function joined(prefix: string, path: string): string {
  return path === '' ? prefix : `${prefix}.${path}`;
}

function planned(
  name: string,
  { dtype, shape }: Tensor,
  place?: Pick<ProgramOutput, 'state' | 'range'>,
): ProgramInput & ProgramOutput {
  return { name, type: { dtype, shape }, ...place };
}

/** Lowers a graph whose inputs and outputs are named and planned. */
function programOf(
  graph: Graph,
  plan: Pick<Program, 'inputs' | 'outputs' | 'guards'>,
  metadata: Readonly<Record<string, string>> = {},
): Program {
  const inputNames = plan.inputs.map(({ name }) => name);
  const outputNames = plan.outputs.map(({ name }) => name);
  return { ...plan, graph, model: lower(graph, { inputNames, outputNames, metadata }) };
}

function checkState(
  before: ReadonlyMap<string, Tensor>,
  after: readonly (readonly [string, Tensor])[],
): void {
  for (const [path, tensor] of after) {
    const old = before.get(path);
    const fits =
      old !== undefined && old.dtype === tensor.dtype && String(old.shape) === String(tensor.shape);
    invariant(fits, `The new state "${path}" has no place of its type in the old state.`);
  }
}

/** A compiled function, loaded into a runtime. */
export class Executable<InputTypes, Out> {
  readonly program: Program;
  private readonly session: Session;
  private readonly inputTypes: InputTypes;
  private readonly outputs: Out;

  constructor(compiled: CompiledProgram<InputTypes, Out>, session: Session) {
    this.program = compiled.program;
    this.inputTypes = compiled.inputTypes;
    this.outputs = compiled.outputs;
    this.session = session;
  }

  /**
   * Runs once.
   * @throws {RuntimeError} when an input has another type than compiled for, or the runtime fails
   */
  async run(state: DeviceState, inputs: Values<InputTypes>, options?: RunOptions): Promise<Results<Out>> {
    const results = await this.session.run(state, inputLeaves(this.inputTypes, inputs), options);
    return unflattenLike<Out, Tensor, TensorData>(this.outputs, results);
  }

  /** The graph as the bytes of an `.onnx` file that any ONNX Runtime executes. */
  toOnnx(): Uint8Array<ArrayBuffer> {
    return this.program.model;
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

/** Values in the order of their types; paths decide, not the order of keys. */
function inputLeaves(types: unknown, values: unknown): TensorData[] {
  const given = flattenTree(values as Tree<TensorData>);
  return [...flattenTree(types as Tree<TensorType>).keys()].map((path) => {
    const value = given.get(path);
    if (value instanceof TensorData) return value;
    throw new RuntimeError(
      `Input "${path}" is missing; given: ${[...given.keys()].join(', ') || 'nothing'}.`,
    );
  });
}

/** Compiles `f` for one set of shapes and loads it into a runtime. See `buildProgram`. */
export async function compile<StateTypes, InputTypes, Out>(
  runtime: Runtime,
  f: (state: Symbolic<StateTypes>, inputs: Symbolic<InputTypes>) => StepResult<Out>,
  signature: Signature<StateTypes, InputTypes>,
  options: CompileOptions = {},
): Promise<Executable<InputTypes, Out>> {
  const compiled = buildProgram(f, signature, options);
  return new Executable(compiled, await runtime.load(compiled.program));
}

/** Runs a pure function once on values: traces, compiles, runs, disposes. For tests and small computations. */
export async function evaluateOnce<Args extends readonly TensorData[], Out>(
  runtime: Runtime,
  f: (...args: { readonly [K in keyof Args]: Tensor }) => Out,
  ...args: Args
): Promise<Results<Out>> {
  const executable = await compile(
    runtime,
    (_, inputs: readonly Tensor[]) => ({
      outputs: f(...(inputs as unknown as { readonly [K in keyof Args]: Tensor })),
    }),
    { state: {}, inputs: args.map(({ dtype, shape }) => new TensorData(dtype, shape, new Uint8Array())) },
  );
  const state = await runtime.createState();
  try {
    return await executable.run(state, args as unknown as Values<readonly TensorData[]>);
  } finally {
    await state.dispose();
    await executable.dispose();
  }
}
