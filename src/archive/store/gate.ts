// Who uses a single connection next: readers together, a transaction alone, and what nobody waits for last. Knows no SQL.

/** `together`: one statement, beside others. `alone`: a transaction. `later`: a transaction that lets others go first. */
export type Passage = 'together' | 'alone' | 'later';

interface Waiting {
  readonly passage: Passage;
  readonly enter: () => void;
}

/** So many may go before what waits for `later`; then it is its turn. */
const patience = 50;

/** In the order of asking, but for `later`. */
export class Gate {
  readonly #queue: Waiting[] = [];
  readonly #later: Waiting[] = [];
  #inside = 0;
  #isAlone = false;
  #passed = 0;

  /** Runs the work when its turn has come. */
  async pass<T>(passage: Passage, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      (passage === 'later' ? this.#later : this.#queue).push({ passage, enter });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#inside--;
      this.#isAlone = false;
      this.#admit();
    }
  }

  #admit(): void {
    while (!this.#isAlone) {
      const isLate = this.#later.length > 0 && (this.#queue.length === 0 || this.#passed >= patience);
      const line = isLate ? this.#later : this.#queue;
      const [next] = line;
      if (next === undefined || (next.passage !== 'together' && this.#inside > 0)) return;
      line.shift();
      this.#passed = isLate || this.#later.length === 0 ? 0 : this.#passed + 1;
      this.#inside++;
      this.#isAlone = next.passage !== 'together';
      next.enter();
    }
  }
}
