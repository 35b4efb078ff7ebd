// How many answers are written at once. Knows nothing of who writes them: models take turns token by token by themselves.
import type { Limits } from './limits.js';
import { HttpError } from './http-error.js';

/** Nobody waits in a queue behind long answers: what is too much is told so at once. */
export class Admission {
  readonly #limits: Limits;
  readonly #byKey = new Map<string, number>();
  #active = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get active(): number {
    return this.#active;
  }

  /**
   * Begins an answer. Call what is returned once, when it has ended.
   * @throws {HttpError} 429 when the key has too many, 503 when all together are too many
   */
  enter(keyId: string): () => void {
    const own = this.#byKey.get(keyId) ?? 0;
    const { maxAnswers, maxAnswersPerKey } = this.#limits;
    if (own >= maxAnswersPerKey)
      throw new HttpError(
        429,
        'too_many_answers',
        `This key has ${own} answers in progress. Wait for one to end.`,
        {
          retryAfterSeconds: 1,
        },
      );
    if (this.#active >= maxAnswers)
      throw new HttpError(
        503,
        'overloaded',
        `The server writes ${maxAnswers} answers already. Try again in a moment.`,
        {
          retryAfterSeconds: 1,
        },
      );
    this.#active++;
    this.#byKey.set(keyId, own + 1);
    return () => {
      this.#active--;
      const left = (this.#byKey.get(keyId) ?? 1) - 1;
      if (left === 0) this.#byKey.delete(keyId);
      else this.#byKey.set(keyId, left);
    };
  }
}
