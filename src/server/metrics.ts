// What is counted for Prometheus. Knows no route and no tenant: names of people are in no label.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const secondsBuckets = [0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300];

/** The counters of one server. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Histogram({
    name: 'mneme_http_request_seconds',
    help: 'Time from a request to the end of its response, streams included.',
    labelNames: ['method', 'route', 'status'],
    buckets: secondsBuckets,
    registers: [this.#registry],
  });
  readonly #firstToken = new Histogram({
    name: 'mneme_first_token_seconds',
    help: 'Time from a request to the first piece of its answer.',
    labelNames: ['memory'],
    buckets: secondsBuckets,
    registers: [this.#registry],
  });
  readonly #tokens = new Counter({
    name: 'mneme_tokens_total',
    help: 'Tokens of prompts and of answers.',
    labelNames: ['kind'],
    registers: [this.#registry],
  });
  readonly #ends = new Counter({
    name: 'mneme_answers_total',
    help: 'Answers by how they ended.',
    labelNames: ['end'],
    registers: [this.#registry],
  });

  /** @param active how many answers are being written */
  constructor(active: () => number) {
    const answers = new Gauge({
      name: 'mneme_answers_active',
      help: 'Answers that are being written.',
      registers: [],
      collect() {
        this.set(active());
      },
    });
    this.#registry.registerMetric(answers);
  }

  /** Adds memory, processor time and delays of this process. */
  addProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  observeRequest(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status }, seconds);
  }

  observeFirstToken(memory: boolean, seconds: number): void {
    this.#firstToken.observe({ memory: String(memory) }, seconds);
  }

  countAnswer(end: string, promptTokens = 0, answerTokens = 0): void {
    this.#ends.inc({ end });
    this.#tokens.inc({ kind: 'prompt' }, promptTokens);
    this.#tokens.inc({ kind: 'answer' }, answerTokens);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
