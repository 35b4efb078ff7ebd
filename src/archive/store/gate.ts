// Who uses a single connection next: what is sent in one go together, a transaction alone, and what nobody waits for last.
// Knows no SQL.

export interface Passage {
  /** Whether nobody else may come between: it is sent, answered and sent again. */
  readonly alone: boolean;
  /** Whether it lets others go first. */
  readonly later?: boolean;
}

interface Waiting extends Passage {
  readonly enter: () => void;
}

/** So many may go before what lets others go first; then it is its turn. */
const patience = 20;
/** So long it waits for works that ask more than once, in milliseconds. */
const patientMs = 100;

/** In the order of asking, but for what comes later. */
export class Gate {
  readonly #queue: Waiting[] = [];
  readonly #later: Waiting[] = [];
  #inside = 0;
  #isAlone = false;
  #passed = 0;
  #urgent = 0;

  /** Runs the work when its turn has come. */
  async pass<T>(passage: Passage, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      (passage.later === true ? this.#later : this.#queue).push({ ...passage, enter });
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

  /**
   * Runs work that passes more than once and that somebody waits for: what lets others go first waits for its end, but not
   * longer than `patientMs`.
   */
  async urgently<T>(work: () => Promise<T>): Promise<T> {
    this.#urgent++;
    let isUrgent = true;
    const end = (): void => {
      if (!isUrgent) return;
      isUrgent = false;
      this.#urgent--;
      this.#admit();
    };
    const timer = setTimeout(end, patientMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      end();
    }
  }

  #admit(): void {
    while (!this.#isAlone) {
      const isWaitedFor = this.#queue.length > 0 || this.#inside > 0 || this.#urgent > 0;
      const isLate = this.#later.length > 0 && (!isWaitedFor || this.#passed >= patience);
      const line = isLate ? this.#later : this.#queue;
      const [next] = line;
      if (next === undefined || (next.alone && this.#inside > 0)) return;
      line.shift();
      this.#passed = isLate || this.#later.length === 0 ? 0 : this.#passed + 1;
      this.#inside++;
      this.#isAlone = next.alone;
      next.enter();
    }
  }
}
