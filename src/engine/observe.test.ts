// What model code shows, and to whom.
import { expect, it } from 'vitest';
import type { Tensor } from './graph.js';
import { withScope } from './graph.js';
import { isObserved, observe, observing } from './observe.js';
import { add } from './ops/arithmetic.js';
import { full } from './ops/constant.js';
import { scan } from './ops/scan.js';
import { float32, trace } from './trace.js';

it('shows tensors under the path of their layer', () => {
  const shown = full(1);
  const { result, observed } = observing(() =>
    withScope('blocks.0', () => {
      observe('gate', shown);
      return isObserved();
    }),
  );
  expect(result).toBe(true);
  expect([...observed]).toEqual([['blocks.0.gate', shown]]);
});

it('shows nothing when nobody asks', () => {
  observe('gate', full(1));
  expect(isObserved()).toBe(false);
  expect(observing(() => undefined).observed.size).toBe(0);
});

it('does not show what exists only inside of a loop', () => {
  const { graph } = trace((x: Tensor) => {
    const { result, observed } = observing(() =>
      scan(
        (carry: Tensor, element: Tensor) => {
          const next = add(carry, element);
          observe('inside', next);
          return { carry: next, y: next };
        },
        full(0),
        x,
      ),
    );
    expect([...observed.keys()]).toEqual([]);
    return result.ys;
  }, float32(3));
  expect(graph.outputs[0]?.shape).toEqual([3]);
});
