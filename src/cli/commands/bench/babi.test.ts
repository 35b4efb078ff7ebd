// `mneme bench babi` as people use it, on a small task made here.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mneme } from '../../../../test/support/command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'mneme-babi-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const places = ['kitchen', 'garden', 'office'];
const stories = Array.from({ length: 60 }, (_, i) => {
  const [here, there] = [places[i % 3], places[(i + 1 + (i % 2)) % 3]];
  const asked = i % 2 === 0 ? ['Mary', here, 1] : ['John', there, 2];
  return `1 Mary went to the ${here}.\n2 John went to the ${there}.\n3 Where is ${asked[0]}?\t${asked[1]}\t${asked[2]}\n`;
});
mkdirSync(join(folder, 'en'));
writeFileSync(join(folder, 'en', 'qa1_moves_train.txt'), stories.join(''));
writeFileSync(join(folder, 'en', 'qa1_moves_test.txt'), stories.slice(0, 12).join(''));
writeFileSync(join(folder, 'en', 'qa2_broken_train.txt'), '1 Mary went home.\nJohn did not.\n');

const bench = (...args: string[]) => mneme(['bench', 'babi', '--data', folder, ...args]);

describe('mneme bench babi', () => {
  it('prints the error in percent as JSON, and what each episode attended to where asked', async () => {
    const few = ['--attempts', '1', '--epochs', '2', '--seed', '7', '--show', '1'];
    const { stdout, stderr } = await bench('--task', '1', '--model', 'mem-n2n', ...few, '--json');
    const result = JSON.parse(stdout || `"${stderr}"`) as Record<string, unknown>;
    expect(result).toMatchObject({
      task: 1,
      name: 'moves',
      model: 'mem-n2n',
      seed: 7,
      attempts: 1,
      epochs: 2,
      interrupted: false,
    });
    expect(result['error']).toBeGreaterThanOrEqual(0);
    expect(result['error']).toBeLessThanOrEqual(100);
    const [shown] = result['shown'] as readonly Record<string, unknown>[];
    expect(shown).toMatchObject({
      story: ['mary went to the kitchen', 'john went to the garden'],
      question: 'where is mary',
      expected: 'kitchen',
      supportingFacts: [0],
    });
    expect(shown?.['episodes']).toHaveLength(3);
  });

  it('prints stories and the result as text', async () => {
    const { stdout } = await bench('--task', '1', '--model', 'gru', '--epochs', '1', '--show', '1');
    expect(stdout).toContain('* mary went to the kitchen');
    expect(stdout).toMatch(/where is mary\? \w+ \((right|wrong: it is kitchen)\)/);
    expect(stdout).toMatch(/task 1 \(moves\), gru: [\d.]+ % of the test questions answered wrongly/);
  });

  it.each([
    [['--task', '5'], 'holds no file qa5_..._train.txt; it holds tasks 1, 2', 1],
    [['--task', '2'], 'Line 2 of', 1],
    [['--task', '1', '--model', 'dmn-pls'], 'Did you mean "dmn-plus"?', 2],
    [['--task', 'one'], 'A whole number of at least 1 was expected', 2],
  ] as const)('refuses %j with what to do', async (args, message, code) => {
    const ended = await bench(...args);
    expect(ended.stderr).toContain(message);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe('');
  });
});
