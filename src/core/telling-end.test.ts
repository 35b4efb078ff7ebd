import { expect, test } from 'vitest';
import { begun } from './begun.js';
import { tellingEnd } from './telling-end.js';

async function* twoThenWhy(onLeave: () => void = () => undefined): AsyncGenerator<number, string> {
  try {
    yield 1;
    yield 2;
    return 'all';
  } finally {
    onLeave();
  }
}

test.each([
  ['as it is', () => twoThenWhy()],
  ['begun before', () => begun(twoThenWhy())],
])('values are handed on, and what is returned is told once they are over: %s', async (_, open) => {
  const heard: unknown[] = [];
  for await (const value of tellingEnd(open(), (returned) => heard.push(returned))) heard.push(value);
  expect(heard).toEqual([1, 2, 'all']);
});

test('a sequence that is left ends, and tells nothing', async () => {
  const heard: unknown[] = [];
  const source = twoThenWhy(() => heard.push('left'));
  for await (const value of tellingEnd(source, (returned) => heard.push(returned))) {
    heard.push(value);
    break;
  }
  expect(heard).toEqual([1, 'left']);
});
