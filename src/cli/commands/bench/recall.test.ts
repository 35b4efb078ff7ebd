// `mneme bench recall` and `mneme bench stream` as people use them: what they print, and what they refuse before long work begins.
import { describe, expect, it } from 'vitest';
import { mneme } from '../../../../test/support/command-line.js';

const small = [
  '--width',
  '8',
  '--batch-size',
  '4',
  '--steps',
  '2',
  '--learning-rates',
  '3e-3',
  '--threads',
  '1',
];
const recall = (...args: string[]) => mneme(['bench', 'recall', '--memory', 'gru', ...small, ...args]);

describe('mneme bench recall', () => {
  it.each(['mqar', 'mqar-update', 'copy', 'selective-copy'])(
    'prints one JSON object for the task %s, and nothing else',
    async (task) => {
      const sizes = ['--vocabulary', '32', '--length', '32', '--pairs', '4'];
      const { stdout, code } = await recall('--task', task, ...sizes, '--json');
      expect(code).toBe(0);
      expect(stdout.trimEnd().split('\n')).toHaveLength(1);
      const report = JSON.parse(stdout) as { readonly results: readonly Record<string, unknown>[] };
      expect(report).toMatchObject({ task, interrupted: false });
      expect(report.results).toHaveLength(1);
      expect(report.results[0]).toMatchObject({ memory: 'gru', width: 8, stateBytes: 4 + 2 * 4 * 8 });
    },
  );

  it.each([
    [['--html', '/no/such/folder/page.html'], 'There is no folder "/no/such/folder"'],
    [['--learning-rates', '3e-3,0'], 'Training: learningRate: '],
    [['--text', 'book.txt'], '--text is for the task needle, and the task is mqar'],
    [['--memory', 'gur'], 'Did you mean "gru"?'],
    [
      ['--memory', 'attention', '--heads', '3'],
      'blocks.0.memory: attention: width 8 is not a multiple of heads 3',
    ],
  ] as const)('refuses %j before it trains', async (args, message) => {
    const { stdout, stderr, code } = await recall(...args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/step 2\/2|This is a bug/);
    expect([stdout, code]).toEqual(['', 2]);
  });
});

describe('mneme bench stream', () => {
  it('refuses a list with a memory that there is not before it measures the others', async () => {
    const { stdout, stderr, code } = await mneme(['bench', 'stream', '--memory', 'gru,lsmt']);
    expect(stderr).toContain('there is no memory "lsmt". Did you mean "lstm"?');
    expect(stderr).not.toContain('bench stream');
    expect([stdout, code]).toEqual(['', 2]);
  });
});
