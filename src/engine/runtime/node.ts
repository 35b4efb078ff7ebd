// The runtime for Node: ONNX Runtime in a worker thread. The caller's event loop stays free while a step runs.
import { Worker } from 'node:worker_threads';
import type { TensorData } from '../../core/tensor-data.js';
import type { ExecutorOptions } from './node-executor.js';
import type { DeviceState, Program, RunOptions, Runtime, Session, Traffic } from './runtime.js';
import type { Command, Reply, WireTensor } from './worker-protocol.js';
import { throwIfAborted } from '../../core/abort.js';
import { RuntimeError, invariant } from '../../core/errors.js';
import { fromWire, toWire, transferable } from './worker-protocol.js';

interface Pending {
  readonly resolve: (tensors: readonly WireTensor[]) => void;
  readonly reject: (error: Error) => void;
}

/** The built worker lies beside the built runtime; sources run under a test runner use the build. */
function workerUrl(): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  return new URL(
    fromSource ? '../../../dist/engine/runtime/node-worker.js' : './node-worker.js',
    import.meta.url,
  );
}

/**
 * Short-lived objects of the worker are collected after so much. It makes few and small ones, which would otherwise spread
 * over 16 MB first, and keep the tensors that they stand for.
 */
const workerYoungMegabytes = 1;

/** One end of the conversation with the worker: numbers requests, matches replies. */
class Channel {
  readonly traffic: Traffic = { bytesIn: 0, bytesOut: 0 };
  private readonly worker: Worker;
  /**
   * By the number of the request; numbers are used again. A map would leave a table behind with every few requests, each of
   * which keeps its promises alive until all of the heap is swept: the process would grow while it does small steps.
   */
  private readonly pending: (Pending | undefined)[] = [];
  private waiting = 0;
  private ended: Error | undefined;

  constructor(options: ExecutorOptions) {
    const resourceLimits = { maxYoungGenerationSizeMb: workerYoungMegabytes };
    this.worker = new Worker(workerUrl(), { workerData: options, execArgv: [], resourceLimits });
    this.worker.unref();
    this.worker.on('message', (reply: Reply) => this.receive(reply));
    this.worker.on('error', (error) => this.end(error));
    this.worker.on('exit', () => this.end(new RuntimeError('The runtime was disposed.')));
  }

  /** @param moved buffers that the worker takes over instead of copying them */
  send(command: Command, moved: readonly ArrayBuffer[] = []): Promise<readonly WireTensor[]> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    const free = this.pending.indexOf(undefined);
    const id = free < 0 ? this.pending.length : free;
    this.worker.ref();
    return new Promise((resolve, reject) => {
      this.pending[id] = { resolve, reject };
      this.waiting++;
      this.worker.postMessage({ ...command, id }, moved);
    });
  }

  /** Lets the worker finish what it was asked; terminating it during a run would abort the process. */
  async close(): Promise<void> {
    if (this.ended !== undefined) return;
    const exited = new Promise((resolve) => this.worker.once('exit', resolve));
    this.worker.ref();
    this.worker.postMessage('close');
    await exited;
  }

  private receive(reply: Reply): void {
    Object.assign(this.traffic, reply.traffic);
    const request = this.pending[reply.id];
    this.pending[reply.id] = undefined;
    this.waiting--;
    if (this.waiting === 0) this.worker.unref();
    if (reply.error === undefined) request?.resolve(reply.tensors ?? []);
    else request?.reject(new RuntimeError(reply.error.message, { fields: { code: reply.error.code } }));
  }

  private end(error: Error): void {
    this.ended ??= error;
    for (const request of this.pending.splice(0)) request?.reject(error);
  }
}

class NodeState implements DeviceState {
  readonly id: number;
  private readonly channel: Channel;
  private readonly ids: () => number;

  constructor(channel: Channel, ids: () => number) {
    this.channel = channel;
    this.ids = ids;
    this.id = ids();
  }

  async create(from?: number): Promise<this> {
    await this.channel.send({ kind: 'createState', state: this.id, ...(from === undefined ? {} : { from }) });
    return this;
  }

  async write(tensors: ReadonlyMap<string, TensorData>): Promise<void> {
    const wires = [...tensors].map(([name, tensor]) => toWire(name, tensor));
    await this.channel.send({ kind: 'write', state: this.id, tensors: wires });
  }

  async read(
    names?: readonly string[],
    reused: ReadonlyMap<string, TensorData> = new Map(),
  ): Promise<Map<string, TensorData>> {
    const into = [...reused].map(([name, tensor]) => toWire(name, tensor));
    const wires = await this.channel.send(
      { kind: 'read', state: this.id, into, ...(names === undefined ? {} : { names }) },
      transferable(into),
    );
    return new Map(wires.map((wire) => [wire.name, fromWire(wire)]));
  }

  fork(): Promise<DeviceState> {
    return new NodeState(this.channel, this.ids).create(this.id);
  }

  async bytes(): Promise<number> {
    const tensors = await this.read();
    return [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes, 0);
  }

  async dispose(): Promise<void> {
    await this.channel.send({ kind: 'dropState', state: this.id });
  }
}

class NodeSession implements Session {
  private readonly channel: Channel;
  private readonly program: number;

  constructor(channel: Channel, program: number) {
    this.channel = channel;
    this.program = program;
  }

  async run(
    state: DeviceState,
    inputs: readonly TensorData[],
    options: RunOptions = {},
  ): Promise<TensorData[]> {
    throwIfAborted(options.signal);
    invariant(state instanceof NodeState, 'A state belongs to the runtime that made it.');
    const wires = inputs.map((input) => toWire('', input));
    const results = await this.channel.send({
      kind: 'run',
      program: this.program,
      state: state.id,
      inputs: wires,
    });
    return results.map(fromWire);
  }

  async dispose(): Promise<void> {
    await this.channel.send({ kind: 'unload', program: this.program });
  }
}

/**
 * ONNX Runtime in a worker thread.
 *
 * @example
 * const runtime = new NodeRuntime({ threads: 2 });
 * // ... compile and run ...
 * await runtime.dispose();
 */
export class NodeRuntime implements Runtime {
  readonly name: string;
  private readonly channel: Channel;
  private nextId = 0;

  constructor(options: ExecutorOptions = {}) {
    this.name = `node-${options.provider ?? 'cpu'}`;
    this.channel = new Channel(options);
  }

  get traffic(): Readonly<Traffic> {
    return this.channel.traffic;
  }

  async load({ model, inputs, outputs, guards }: Program): Promise<Session> {
    const program = this.nextId++;
    await this.channel.send({ kind: 'load', program, plan: { model, inputs, outputs, guards } });
    return new NodeSession(this.channel, program);
  }

  createState(): Promise<DeviceState> {
    return new NodeState(this.channel, () => this.nextId++).create();
  }

  dispose(): Promise<void> {
    return this.channel.close();
  }
}
