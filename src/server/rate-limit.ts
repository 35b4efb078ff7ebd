// How many requests a key may make: a bucket of tokens that fills again with time. Knows nothing of requests.

interface Bucket {
  tokens: number;
  filledMs: number;
}

/** Buckets that are full again are dropped when there are more than this. */
const mostBuckets = 10_000;

/** Lets through `perMinute` requests a minute for each name, at most `burst` at once. */
export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number, nowMs: () => number = () => performance.now()) {
    this.#perMs = perMinute / 60_000;
    this.#burst = Math.max(1, perMinute / 6);
    this.#nowMs = nowMs;
  }

  /** Takes one token. @returns 0, or the seconds after which there is one again */
  take(name: string): number {
    const now = this.#nowMs();
    const bucket = this.#buckets.get(name) ?? { tokens: this.#burst, filledMs: now };
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (now - bucket.filledMs) * this.#perMs);
    bucket.filledMs = now;
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > mostBuckets) this.#dropFull(now);
    if (bucket.tokens < 1) return (1 - bucket.tokens) / this.#perMs / 1000;
    bucket.tokens -= 1;
    return 0;
  }

  #dropFull(now: number): void {
    for (const [name, { tokens, filledMs }] of this.#buckets)
      if (tokens + (now - filledMs) * this.#perMs >= this.#burst) this.#buckets.delete(name);
  }
}
