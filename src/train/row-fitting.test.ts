// Early stopping, the best parameters and restarts, on learners whose validation is written down.
import { describe, expect, it } from 'vitest';
import type { TensorData as Data } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { FitOptions, Learner } from './row-fitting.js';
import { AbortedError, NonFiniteError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { bestOf, Fitting } from './row-fitting.js';

/** A learner whose errors after each epoch are known; its one parameter counts epochs. An error of NaN diverges. */
class Scripted implements Learner {
  readonly errors: readonly number[];
  readonly rates: number[] = [];
  value = 0;
  isDisposed = false;

  constructor(errors: readonly number[]) {
    this.errors = errors;
  }

  async epoch(_: unknown, rate: number): Promise<number> {
    this.rates.push(rate);
    if (Number.isNaN(this.errors[this.rates.length - 1])) throw new NonFiniteError('diverged');
    this.value = this.rates.length;
    return 1;
  }

  async measure(): Promise<{ readonly error: number }> {
    return { error: this.errors[this.rates.length - 1] ?? 1 };
  }

  async parameters(): Promise<Tree<Data>> {
    return { epoch: new TensorData('int32', [], Int32Array.of(this.value)) };
  }

  async setParameters(parameters: Tree<Data>): Promise<void> {
    this.value = (parameters as { readonly epoch: Data }).epoch.data[0] ?? 0;
  }

  async dispose(): Promise<void> {
    this.isDisposed = true;
  }
}

const isBetter: FitOptions['isBetter'] = (a, b) => (a['error'] ?? 1) < (b['error'] ?? 1);

function fitting(learner: Scripted, options: Partial<FitOptions> = {}): Fitting {
  return new Fitting(learner, {
    train: [],
    validation: [],
    learningRate: (epoch) => 0.1 / (epoch + 1),
    patience: 2,
    isBetter,
    isEnough: ({ error }) => error === 0,
    ...options,
  });
}

describe('Fitting', () => {
  it('ends when nothing got better for as long as its patience, and restores the best', async () => {
    const learner = new Scripted([0.5, 0.3, 0.4, 0.35, 0.1]);
    const seen: boolean[] = [];
    const fit = fitting(learner, { onEpoch: ({ isBest }) => void seen.push(isBest) });
    expect(await fit.fit(10)).toBe('patience');
    expect(seen).toEqual([true, true, false, false]);
    expect(learner.rates).toEqual([0.1, 0.05, 0.1 / 3, 0.025]);
    await fit.restoreBest();
    expect([learner.value, fit.best]).toEqual([2, { error: 0.3 }]);
  });

  it('ends when there is nothing to gain, and goes on from where a call ended', async () => {
    const learner = new Scripted([0.5, 0.3, 0]);
    const fit = fitting(learner);
    expect(await fit.fit(2)).toBe('epochs');
    expect(await fit.fit(2)).toBe('enough');
    expect(fit.epochs).toBe(3);
    expect(await fit.fit(5)).toBe('enough');
    expect(learner.rates).toHaveLength(3);
  });

  it('ends with the best of before when it diverges', async () => {
    const learner = new Scripted([0.5, Number.NaN]);
    const fit = fitting(learner);
    expect(await fit.fit(5)).toBe('diverged');
    await fit.restoreBest();
    expect(learner.value).toBe(1);
  });

  it('stops between epochs when asked to, or gives up', async () => {
    const learner = new Scripted([0.5, 0.4, 0.3]);
    const stopping = fitting(learner, { isStopped: () => learner.rates.length === 2 });
    expect(await stopping.fit(5)).toBe('stopped');
    await expect(fitting(learner, { signal: AbortSignal.abort() }).fit(1)).rejects.toThrow(AbortedError);
    expect(learner.rates).toHaveLength(2);
  });
});

describe('bestOf', () => {
  const start = (learners: readonly Scripted[]) => async (attempt: number) =>
    fitting(learners[attempt] ?? new Scripted([]));
  const options = { attempts: 3, trialEpochs: 2, epochs: 4 };

  it('lets the best attempt go on alone, and disposes of the others', async () => {
    const learners = [
      [0.9, 0.8],
      [0.6, 0.5, 0.4, 0.3, 0.2],
      [0.7, 0.6],
    ].map((errors) => new Scripted(errors));
    const { fitting: best, attempts } = await bestOf(start(learners), isBetter, options);
    expect([best.best, attempts]).toEqual([{ error: 0.3 }, 3]);
    expect(learners.map(({ isDisposed }) => isDisposed)).toEqual([true, false, true]);
    expect(learners.map(({ rates }) => rates.length)).toEqual([2, 4, 2]);
  });

  it('makes no other attempt when one has nothing more to gain', async () => {
    const learners = [new Scripted([0.5, 0]), new Scripted([0.1])];
    expect((await bestOf(start(learners), isBetter, options)).attempts).toBe(1);
    expect(learners[1]?.rates).toEqual([]);
  });

  it('makes no other attempt when there is no time for one', async () => {
    const learners = [new Scripted([0.5, 0.4, 0.3, 0.2]), new Scripted([0.1])];
    const { fitting: best, attempts } = await bestOf(start(learners), isBetter, {
      ...options,
      mayRetry: () => false,
    });
    expect([best.best, attempts]).toEqual([{ error: 0.2 }, 1]);
  });

  it('prefers any attempt to one that diverged at once', async () => {
    const learners = [new Scripted([Number.NaN]), new Scripted([0.9, 0.9]), new Scripted([Number.NaN])];
    const { fitting: best } = await bestOf(start(learners), isBetter, options);
    expect(best.run).toBe(learners[1]);
  });

  it('trains a single attempt without a trial', async () => {
    const learner = new Scripted([0.5, 0.4, 0.3, 0.2, 0.1]);
    await bestOf(start([learner]), isBetter, { ...options, attempts: 1 });
    expect(learner.rates).toHaveLength(4);
  });
});
