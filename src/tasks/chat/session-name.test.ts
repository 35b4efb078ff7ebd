import { expect, it } from 'vitest';
import { branchName, firstTurnOf, lineageOf, newSessionName } from './session-name.js';

const none = (): boolean => false;

it('a branch has all that its parents have, each up to where it was left', () => {
  expect(lineageOf('monday')).toEqual([{ session: 'monday' }]);
  expect(lineageOf('monday@3')).toEqual([{ session: 'monday', upTo: 3 }, { session: 'monday@3' }]);
  expect(lineageOf('monday@3.2@17')).toEqual([
    { session: 'monday', upTo: 3 },
    { session: 'monday@3.2', upTo: 17 },
    { session: 'monday@3.2@17' },
  ]);
  expect(['monday', 'monday@3', 'monday@3.2@17'].map(firstTurnOf)).toEqual([0, 4, 18]);
});

it('names that only look like branches have nothing before them', () => {
  expect(lineageOf('ann@example.com')).toEqual([{ session: 'ann@example.com' }]);
  expect(lineageOf('@3')).toEqual([{ session: '@3' }]);
});

it('new names are not taken', () => {
  expect(branchName('a', 1, none)).toBe('a@1');
  expect(branchName('a', 1, (name) => ['a@1', 'a@1.2'].includes(name))).toBe('a@1.3');
  const at = new Date('2026-03-02T10:15:30Z');
  expect(newSessionName(at, none)).toBe('2026-03-02 10:15');
  expect(newSessionName(at, (name) => name === '2026-03-02 10:15')).toBe('2026-03-02 10:15 (2)');
});
