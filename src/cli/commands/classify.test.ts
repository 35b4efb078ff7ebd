// Checks what `mneme tune`, `evaluate` and `classify` print, and the monitor on a replay.
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mneme } from '../../../test/support/command-line.js';
import { followingLines } from '../following-lines.js';

let folder = '';
const at = (name: string): string => join(folder, name);

const praise = ['the room is clean', '房间很干净', 'a quiet hotel', '早餐很好'];
const complaints = ['the room is dirty', '房间很脏', 'a loud hotel', '早餐很差'];

/** Lines in turn, `bad` of every ten of them complaints. */
function lines(count: number, bad: number): string[] {
  return Array.from({ length: count }, (_, i) => ((i * 7) % 10 < bad ? complaints : praise)[i % 4] ?? '');
}

function resultOf(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-'));
  const rows = lines(80, 5).map((text) => ({ review: text, stars: praise.includes(text) ? 'good' : 'bad' }));
  await writeFile(at('data.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { code, stdout, stderr } = await mneme(
    ['tune', '--task', 'classify', '--data', at('data.jsonl'), '--out', at('run')].concat([
      '--text-column',
      'review',
      '--label-column',
      'stars',
      '--epochs',
      '2',
      '--json',
    ]),
  );
  expect([code, stderr]).toEqual([0, expect.stringContaining('labels: bad 40 (50.0 %), good 40 (50.0 %)')]);
  expect(resultOf(stdout)).toMatchObject({ reason: 'finished', best: { metric: 'accuracy' } });
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('mneme evaluate', () => {
  it('reads the columns that the run was trained with', async () => {
    const { stdout } = await mneme(['evaluate', at('run'), '--data', at('data.jsonl'), '--json']);
    expect(resultOf(stdout)).toMatchObject({ accuracy: 1, macroF1: 1, rows: 80 });
  });
});

describe('mneme classify', () => {
  it('labels texts and lines, one line or one object each', async () => {
    await writeFile(at('lines.txt'), '房间很脏\nthe room is clean\n');
    const { stdout } = await mneme(['classify', at('run'), '--input', at('lines.txt'), '--json']);
    const results = stdout.trim().split('\n').map(resultOf);
    expect(results.map(({ text, label }) => [text, label])).toEqual([
      ['房间很脏', 'bad'],
      ['the room is clean', 'good'],
    ]);
    const plain = await mneme(['classify', at('run'), 'a loud hotel']);
    expect(plain.stdout).toMatch(/^bad\t[01]\.\d{4}\ta loud hotel\n$/);
  });

  it('watches a replay, and says at which line it departs from its history', async () => {
    const replay = [...lines(150, 1), ...lines(60, 9)].join('\n');
    const { stdout } = await mneme(
      ['classify', at('run'), '--follow', '-', '--window', '20', '--json'],
      replay,
    );
    const printed = stdout.trim().split('\n').map(resultOf);
    const alerts = printed.flatMap(({ alert }) =>
      alert === undefined ? [] : [alert as Record<string, unknown>],
    );
    expect(printed).toHaveLength(210 + alerts.length);
    expect(alerts).toMatchObject([
      { label: 'bad', direction: 'rising' },
      { label: 'good', direction: 'falling' },
    ]);
    expect(alerts[0]?.['line']).toBeGreaterThan(150);
    expect(alerts[0]?.['line']).toBeLessThan(175);
  });

  it('names the command that makes a run it can use', async () => {
    const { code, stderr } = await mneme(['classify', at('nowhere'), 'a text']);
    expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining('is not a run')]);
    expect(code).not.toBe(0);
  });
});

it('follows a file that grows, and begins anew with one that became shorter', async () => {
  await writeFile(at('growing.txt'), 'one\ntwo\nthr');
  const controller = new AbortController();
  const seen: string[] = [];
  for await (const line of followingLines(at('growing.txt'), controller.signal)) {
    seen.push(line);
    if (line === 'two') await appendFile(at('growing.txt'), 'ee\n');
    if (line === 'three') await writeFile(at('growing.txt'), '四\n');
    if (line === '四') controller.abort();
  }
  expect(seen).toEqual(['one', 'two', 'three', '四']);
});
