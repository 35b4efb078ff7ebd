// A socket whose other end is PGlite, so that the ordinary PostgreSQL driver speaks to both databases. Knows nothing of SQL.
import { Duplex } from 'node:stream';
import type { PgliteEngine } from './pglite-engine.js';

/** AuthenticationOk and ReadyForQuery (idle): the answer to any start-up packet. */
const welcome = Uint8Array.of(0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49);
const terminate = 'X'.charCodeAt(0);

export class PgliteSocket extends Duplex {
  readonly #engine: PgliteEngine;
  readonly #written: Buffer[] = [];
  #isSending = false;
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
    this.#written.push(chunk);
    if (!this.#isSending) this.#send().catch((error: unknown) => void this.destroy(error as Error));
    done();
  }

  /** What is written in one go travels in one go: each way to the thread of the database and back takes its time. */
  async #send(): Promise<void> {
    this.#isSending = true;
    await Promise.resolve();
    while (this.#written.length > 0) await this.#exchange(Buffer.concat(this.#written.splice(0)));
    this.#isSending = false;
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
