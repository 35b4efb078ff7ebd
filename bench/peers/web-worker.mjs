// Gives Node a browser's `Worker` for scripts held in a Blob, so that libraries written for browsers can
// start their own threads. It knows nothing of those libraries.
import { resolveObjectURL } from 'node:buffer';
import os from 'node:os';
import { Worker as NodeWorker } from 'node:worker_threads';

/** Runs inside the thread: browser names over `parentPort`, then the script itself. Messages wait until then. */
const bootstrap = `
  const { parentPort, workerData } = require('node:worker_threads');
  globalThis.self = globalThis;
  globalThis.postMessage = (data, transfer) => parentPort.postMessage(data, transfer);
  workerData.text().then((source) => {
    (0, eval)(source);
    parentPort.on('message', (data) => self.onmessage({ data }));
  });
`;

class BlobWorker {
  onmessage = null;
  onerror = null;
  #thread;

  constructor(url) {
    this.#thread = new NodeWorker(bootstrap, { eval: true, workerData: resolveObjectURL(String(url)) });
    this.#thread.on('message', (data) => this.onmessage?.({ data }));
    this.#thread.on('error', (error) => this.onerror?.(error));
  }

  postMessage(data, transfer) {
    this.#thread.postMessage(data, transfer);
  }

  terminate() {
    return this.#thread.terminate();
  }
}

/** Call before importing a library that looks for `Worker`; it then sees `threads` cores. */
export function installWebWorker(threads = os.availableParallelism()) {
  globalThis.Worker ??= BlobWorker;
  Object.defineProperty(globalThis, 'navigator', {
    value: { hardwareConcurrency: threads },
    configurable: true,
  });
}
