import { expect, test } from 'vitest';
import type { Passage } from './gate.js';
import { Gate } from './gate.js';

/** Notes when each work begins and ends; works end when they are told to. */
function course() {
  const gate = new Gate();
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (name: string, passage: Passage): Promise<void> =>
    gate.pass(passage, async () => {
      log.push(name);
      await new Promise<void>((end) => ends.set(name, end));
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { ask, end, log };
}
const together: Passage = { alone: false };
const alone: Passage = { alone: true };
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test('statements go together, a transaction alone, in the order of asking', async () => {
  const { ask, end, log } = course();
  const all = [ask('a', together), ask('b', together), ask('C', alone), ask('d', together)];
  await soon();
  expect(log).toEqual(['a', 'b']);
  await end('a');
  expect(log).toEqual(['a', 'b']);
  await end('b');
  expect(log).toEqual(['a', 'b', 'C']);
  await end('C');
  expect(log).toEqual(['a', 'b', 'C', 'd']);
  await end('d');
  await Promise.all(all);
});

test('what nobody waits for lets others go first, but not for ever', async () => {
  const { ask, end, log } = course();
  void ask('first', alone);
  void ask('later', { alone: true, later: true });
  void ask('urgent', alone);
  await soon();
  await end('first');
  expect(log).toEqual(['first', 'urgent']);
  let last = 'urgent';
  for (let n = 0; !log.includes('later') && n < 1000; n++) {
    void ask(`${n}`, alone);
    await end(last);
    last = log.at(-1) ?? '';
  }
  expect(log.indexOf('later')).toBeGreaterThan(10);
});

test('a work that fails lets the next in', async () => {
  const gate = new Gate();
  const failing = gate.pass(alone, () => Promise.reject(new Error('no')));
  const next = gate.pass(alone, async () => 'yes');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('what nobody waits for waits for work that asks more than once, but not for ever', async () => {
  const gate = new Gate();
  const log: string[] = [];
  const pass = (name: string, passage: Passage): Promise<unknown> =>
    gate.pass(passage, async () => log.push(name));
  let later: Promise<unknown> | undefined;
  await gate.urgently(async () => {
    await pass('one', together);
    later = pass('later', { alone: false, later: true });
    await soon();
    await pass('two', together);
  });
  await later;
  expect(log).toEqual(['one', 'two', 'later']);

  let end: (() => void) | undefined;
  const stuck = gate.urgently(() => new Promise<void>((resolve) => (end = resolve)));
  await pass('after a while', { alone: true, later: true });
  end?.();
  await stuck;
  await pass('last', { alone: true, later: true });
  expect(log.slice(3)).toEqual(['after a while', 'last']);
});
