// The runs of a folder and the measurements of one of them, as they are made. Knows nothing of how they are drawn.
import type { MetricsRecord, Run, RunDetail } from '../../../src/server/wire.js';
import type { ApiError } from './api/api-error.js';
import { asApiError, isAbort } from './api/api-error.js';
import type { Client, MetricsEvent } from './api/client.js';

/** How long to wait before a stream that ended is asked for again. */
const reconnectMs = 2000;

export class Runs {
  readonly #client: Client;
  readonly #sleep: (ms: number) => Promise<void>;
  #follow = new AbortController();
  #list: readonly Run[] = $state.raw([]);
  #loaded = $state(false);
  #detail: RunDetail | undefined = $state.raw();
  #records: readonly MetricsRecord[] = $state.raw([]);
  #live = $state(false);
  #error: ApiError | undefined = $state.raw();

  constructor(client: Client, sleep: (ms: number) => Promise<void>) {
    this.#client = client;
    this.#sleep = sleep;
  }

  get list(): readonly Run[] {
    return this.#list;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  /** The run that is looked at. */
  get detail(): RunDetail | undefined {
    return this.#detail;
  }

  get records(): readonly MetricsRecord[] {
    return this.#records;
  }

  /** Whether new measurements arrive by themselves. */
  get live(): boolean {
    return this.#live;
  }

  get error(): ApiError | undefined {
    return this.#error;
  }

  async load(): Promise<void> {
    try {
      this.#list = (await this.#client.runs()).runs;
      this.#error = undefined;
    } catch (error) {
      this.#error = asApiError(error);
    }
    this.#loaded = true;
  }

  /** Looks at a run until another is opened or `close` is called. */
  async open(name: string): Promise<void> {
    this.close();
    const { signal } = this.#follow;
    try {
      const detail = await this.#client.run(name);
      if (signal.aborted) return;
      this.#detail = detail;
      this.#records = detail.metrics;
      this.#error = undefined;
    } catch (error) {
      if (!signal.aborted) this.#error = asApiError(error);
      return;
    }
    await this.#watch(name, signal);
  }

  close(): void {
    this.#follow.abort();
    this.#follow = new AbortController();
    this.#detail = undefined;
    this.#records = [];
    this.#live = false;
  }

  /** Follows the stream, and asks for it again when it ends, until nobody looks at the run. */
  async #watch(name: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        // From the last step on, not after it: what is measured of a step may come in several records.
        const last = this.#records.at(-1)?.step;
        const after = last === undefined ? undefined : last - 1;
        this.#live = true;
        for await (const event of this.#client.metrics(name, after, signal)) {
          if (signal.aborted) return;
          this.#take(event);
        }
      } catch (error) {
        if (isAbort(error) || signal.aborted) return;
        if (asApiError(error).kind === 'missing' || asApiError(error).kind === 'key') {
          this.#live = false;
          this.#error = asApiError(error);
          return;
        }
      }
      if (signal.aborted) return;
      this.#live = false;
      await this.#sleep(reconnectMs);
    }
  }

  #take(event: MetricsEvent): void {
    this.#records = event.kind === 'reset' ? [] : [...this.#records, event.record];
  }
}
