// The thread in which ONNX Runtime runs, so that the event loop of the caller stays free. Speaks the messages of worker-protocol.ts.
import { parentPort, workerData } from 'node:worker_threads';
import type { TypedArray } from '../../core/dtype.js';
import type { ExecutorOptions, ExecutorState, LoadedProgram } from './node-executor.js';
import type { Reply, Request, WireTensor } from './worker-protocol.js';
import { MnemeError, invariant, messageOf } from '../../core/errors.js';
import { NodeExecutor } from './node-executor.js';
import { fromWire, toWire, transferable } from './worker-protocol.js';

const executor = new NodeExecutor(workerData as ExecutorOptions);
const programs = new Map<number, LoadedProgram>();
const states = new Map<number, ExecutorState>();

function known<T>(map: ReadonlyMap<number, T>, id: number): T {
  const value = map.get(id);
  invariant(value !== undefined, `The worker does not know ${id}.`);
  return value;
}

async function answer(request: Request): Promise<readonly WireTensor[]> {
  switch (request.kind) {
    case 'load':
      programs.set(request.program, await executor.load(request.plan));
      return [];
    case 'unload':
      await executor.unload(known(programs, request.program));
      programs.delete(request.program);
      return [];
    case 'createState':
      states.set(
        request.state,
        request.from === undefined ? new Map() : executor.fork(known(states, request.from)),
      );
      return [];
    case 'dropState':
      states.delete(request.state);
      return [];
    case 'write':
      executor.write(
        known(states, request.state),
        new Map(request.tensors.map((wire) => [wire.name, fromWire(wire)])),
      );
      return [];
    case 'read': {
      const state = known(states, request.state);
      const tensors = executor.read(state, request.names ?? [...state.keys()]);
      const into = new Map(request.into.map((wire) => [wire.name, wire.data]));
      return [...tensors].map(([name, tensor]) => copyOf(toWire(name, tensor), into.get(name)));
    }
    case 'run': {
      const program = known(programs, request.program);
      const results = await executor.run(program, known(states, request.state), request.inputs.map(fromWire));
      return results.map((tensor) => toWire('', tensor));
    }
  }
}

/** A copy that can move, in memory that is there already where it fits: fresh memory for each would make the process grow. */
function copyOf({ name, dtype, shape, data }: WireTensor, memory: TypedArray | undefined): WireTensor {
  if (memory === undefined || memory.constructor !== data.constructor || memory.length !== data.length)
    return { name, dtype, shape, data: data.slice() };
  memory.set(data);
  return { name, dtype, shape, data: memory };
}

/** What is handed back belongs to nobody else, and moves. */
async function handle(request: Request): Promise<void> {
  let reply: Reply;
  let moved: ArrayBuffer[] = [];
  try {
    const tensors = await answer(request);
    reply = { id: request.id, tensors, traffic: { ...executor.traffic } };
    moved = transferable(tensors);
  } catch (error) {
    const code = error instanceof MnemeError ? error.code : 'runtime';
    reply = { id: request.id, error: { code, message: messageOf(error) }, traffic: { ...executor.traffic } };
  }
  parentPort?.postMessage(reply, moved);
}

/** Requests run one after another, in the order in which they came. */
let queue: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: Request | 'close') => {
  queue = queue.then(() => (message === 'close' ? parentPort?.close() : handle(message)));
});
