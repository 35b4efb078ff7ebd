// Loads TensorFlow.js with its threaded SIMD wasm backend, which the package offers to browsers only: here its
// threads become Node worker threads. It knows no model.
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import workerThreads from 'node:worker_threads';

const require = createRequire(import.meta.url);
const backend = '@tensorflow/tfjs-backend-wasm';
const threadedScript = require.resolve(`${backend}/wasm-out/tfjs-backend-wasm-threaded-simd.js`);
const { wasmWorkerContents } = require(`${backend}/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js`);

/** Starts the backend's own thread script from text; the backend would start it from a Blob, which Node cannot. */
class PoolThread extends workerThreads.Worker {
  constructor() {
    super(wasmWorkerContents.replaceAll('\n', '\\n'), { eval: true });
  }

  postMessage(data, transfer) {
    super.postMessage(data.cmd === 'load' ? { ...data, urlOrBlob: threadedScript } : data, transfer);
  }
}

/** Runs `body` while Node shows `PoolThread` as its Worker and twice the `threads` as cores: the backend halves them. */
async function disguised(threads, body) {
  const mutable = require('node:worker_threads');
  const [Worker, cpus] = [mutable.Worker, os.cpus];
  mutable.Worker = PoolThread;
  require('node:os').cpus = () => Array.from({ length: 2 * threads }, () => cpus()[0]);
  try {
    return await body();
  } finally {
    mutable.Worker = Worker;
    require('node:os').cpus = cpus;
  }
}

/** TensorFlow.js with `threads` wasm threads, and how many it really started. */
export async function loadTensorFlow(threads) {
  const tf = require('@tensorflow/tfjs');
  const wasm = require(backend);
  wasm.setWasmPaths(`${path.dirname(require.resolve(backend))}/`);
  if (threads > 1) {
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true);
    wasm.setThreadsCount(threads);
  }
  await disguised(threads, () => tf.setBackend('wasm'));
  if (tf.getBackend() !== 'wasm') throw new Error(`TensorFlow.js chose ${tf.getBackend()}, expected wasm`);
  return { tf, threads: wasm.getThreadsCount() };
}
