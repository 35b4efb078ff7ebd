// A socket whose other end is PGlite, so that the ordinary PostgreSQL driver speaks to both databases. Knows nothing of SQL.
import { Duplex } from 'node:stream';
import type { PgliteEngine } from './pglite-engine.js';

/** AuthenticationOk and ReadyForQuery (idle): the answer to any start-up packet. */
const welcome = Uint8Array.of(0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49);
const terminate = 'X'.charCodeAt(0);

export class PgliteSocket extends Duplex {
  readonly #engine: PgliteEngine;
  #welcomed = false;

  constructor(engine: PgliteEngine) {
    super();
    this.#engine = engine;
  }

  /** The driver calls these on a TCP socket; here there is nothing to set or to wait for. */
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {
    // Answers are pushed as they come.
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#exchange(chunk).then(() => done(), done);
  }

  /** The driver corks the messages of one query: they travel together. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error) => void): void {
    this.#exchange(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
  }

  async #exchange(messages: Buffer): Promise<void> {
    if (!this.#welcomed) {
      this.#welcomed = true;
      this.push(welcome);
    } else if (messages[0] === terminate) {
      this.push(null);
    } else {
      this.push(await this.#engine.exchange(messages));
    }
  }
}
