// The reference executor behind the runtime contract: runs anywhere, for tests and for what no native runtime can do.
import type { DeviceState, Program, ProgramOutput, Runtime, Session, StateRange } from './runtime.js';
import { RuntimeError, invariant } from '../../core/errors.js';
import { throwIfAborted } from '../../core/abort.js';
import { TensorData } from '../../core/tensor-data.js';
import { overwriteRange } from '../overwrite-range.js';
import { evaluate } from './reference.js';
import { isFiniteTensor } from './finite.js';

class ReferenceState implements DeviceState {
  readonly tensors: Map<string, TensorData>;

  constructor(tensors: ReadonlyMap<string, TensorData> = new Map()) {
    this.tensors = new Map(tensors);
  }

  write(tensors: ReadonlyMap<string, TensorData>): Promise<void> {
    for (const [name, tensor] of tensors) this.tensors.set(name, tensor);
    return Promise.resolve();
  }

  read(names: readonly string[] = [...this.tensors.keys()]): Promise<Map<string, TensorData>> {
    return Promise.resolve(new Map(names.map((name) => [name, this.get(name)])));
  }

  get(name: string): TensorData {
    const tensor = this.tensors.get(name);
    if (tensor === undefined)
      throw new RuntimeError(`The state has no tensor "${name}"; write it before running.`);
    return tensor;
  }

  /** Takes over the outputs that are state. Tensors are never changed in place. */
  update(outputs: readonly ProgramOutput[], results: readonly TensorData[]): void {
    const before = new ReferenceState(this.tensors);
    outputs.forEach(({ state: name, range }, i) => {
      const result = results[i];
      if (name === undefined || result === undefined) return;
      this.tensors.set(name, range === undefined ? result : before.withRange(name, result, range));
    });
  }

  private withRange(name: string, part: TensorData, { axis, start }: StateRange): TensorData {
    const { dtype, shape, data } = this.get(name);
    const whole = new TensorData(dtype, shape, data.slice());
    overwriteRange(whole, part, axis, this.get(start).data[0] ?? 0);
    return whole;
  }

  fork(): Promise<DeviceState> {
    return Promise.resolve(new ReferenceState(this.tensors));
  }

  bytes(): Promise<number> {
    return Promise.resolve([...this.tensors.values()].reduce((sum, tensor) => sum + tensor.bytes, 0));
  }

  dispose(): Promise<void> {
    this.tensors.clear();
    return Promise.resolve();
  }
}

class ReferenceSession implements Session {
  private readonly program: Program;

  constructor(program: Program) {
    this.program = program;
  }

  run(
    state: DeviceState,
    inputs: readonly TensorData[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<TensorData[]> {
    throwIfAborted(options.signal);
    invariant(state instanceof ReferenceState, 'A state belongs to the runtime that made it.');
    const { graph, outputs, guards } = this.program;
    let next = 0;
    const values = this.program.inputs.map((input) => {
      const value = input.state === undefined ? inputs[next++] : state.get(input.state);
      if (value === undefined)
        throw new RuntimeError(`The program needs more inputs than the ${inputs.length} given.`);
      return value;
    });
    const results = evaluate(graph, values);
    const returned = results.filter((_, i) => outputs[i]?.state === undefined);
    const sound = guards.every((i) => returned[i] !== undefined && isFiniteTensor(returned[i]));
    if (sound) state.update(outputs, results);
    return Promise.resolve(returned);
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

/** A runtime in plain TypeScript. Thousands of times slower than the native one. */
export class ReferenceRuntime implements Runtime {
  readonly name = 'reference';
  readonly traffic = { bytesIn: 0, bytesOut: 0 };

  load(program: Program): Promise<Session> {
    return Promise.resolve(new ReferenceSession(program));
  }

  createState(): Promise<DeviceState> {
    return Promise.resolve(new ReferenceState());
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
