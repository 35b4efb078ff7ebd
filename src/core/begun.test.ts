import { expect, test } from 'vitest';
import { begun } from './begun.js';

/** Counts to three; notes what was asked for, and that it was ended. */
async function* counting(asked: (number | 'end')[]): AsyncGenerator<number> {
  try {
    for (let n = 1; n <= 3; n++) {
      asked.push(n);
      yield n;
    }
  } finally {
    asked.push('end');
  }
}

test('the first value is asked for at once, and none is lost or doubled', async () => {
  const asked: (number | 'end')[] = [];
  const numbers = begun(counting(asked));
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(asked).toEqual([1]);
  const read: number[] = [];
  for await (const n of numbers) read.push(n);
  expect(read).toEqual([1, 2, 3]);
  expect(asked).toEqual([1, 2, 3, 'end']);
});

test('what nobody reads is ended', async () => {
  const asked: (number | 'end')[] = [];
  await begun(counting(asked)).return();
  expect(asked).toEqual([1, 'end']);
});

test('what goes wrong at the beginning is thrown to the reader, and to nobody else', async () => {
  const broken: AsyncIterator<number> = { next: () => Promise.reject(new Error('nothing there')) };
  const failing = begun({ [Symbol.asyncIterator]: () => broken });
  await new Promise((resolve) => setTimeout(resolve, 1));
  await expect(failing.next()).rejects.toThrow('nothing there');
});
