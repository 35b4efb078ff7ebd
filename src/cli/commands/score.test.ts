// Checks what `mneme score` prints, and which flags it refuses.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../core/errors.js';
import { command } from './score.js';

let folder = '';
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mneme-'));
  await writeFile(path('hyp'), 'the cat sat on the mat\nsome dogs ran\n\n');
  await writeFile(path('ref'), 'the cat sat on the mat\nsome dogs ran off\n\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** What a command line prints on standard output. */
async function printed(metric: string, ...args: string[]): Promise<string> {
  const out: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const files = ['--hypotheses', path('hyp'), '--references', path('ref'), '--skip-bad'];
  await command()
    .exitOverride()
    .parseAsync([metric, ...files, ...args], { from: 'user' });
  return out.join('');
}

describe('mneme score', () => {
  it('prints one JSON object, on the scale of the metric', async () => {
    const result: unknown = JSON.parse(await printed('wer', '--json'));
    expect(result).toEqual({
      metric: 'wer',
      score: 0.1,
      signature: 'nrefs:1|case:mixed|punct:yes|version:mneme',
      segments: 2,
      skipped: 1,
      scale: 1,
      edits: 1,
      referenceLength: 10,
    });
  });

  it('prints percent for people', async () => {
    expect(await printed('wer')).toBe(
      'WER = 10.00 (1 edits, reference length 10)\nnrefs:1|case:mixed|punct:yes|version:mneme\n',
    );
  });

  it('prints the score of each line, and nothing for those left out', async () => {
    expect(await printed('wer', '--segments')).toMatch(/^1\t0\.00\n2\t25\.00\nWER = 10\.00/);
    expect(JSON.parse(await printed('wer', '--segments', '--json'))).toMatchObject({
      segmentScores: [0, 0.25, null],
    });
  });

  it('puts the four scores of ROUGE side by side', async () => {
    const result = JSON.parse(await printed('rouge', '--json')) as Record<string, unknown>;
    // Of the second line, 3 of 4 words: precision 1, recall 3/4, F 6/7; of bigrams 2 of 3: F 4/5.
    expect(result['score']).toEqual({
      rouge1: 13 / 14,
      rouge2: 0.9,
      rougeL: 13 / 14,
      rougeLsum: 13 / 14,
    });
    expect(result).toMatchObject({ scale: 1, rouge2: { precision: 1, fmeasure: 0.9 } });
    expect(await printed('rouge')).toContain('ROUGE-2 = 90.00 (precision 100.00, recall 83.33)');
  });

  it('compares with a baseline', async () => {
    const args = ['--baseline', path('ref'), '--samples', '20', '--confidence', '0.8'];
    const { bootstrap } = JSON.parse(await printed('chrf', ...args, '--json')) as Record<string, unknown>;
    expect(bootstrap).toMatchObject({ confidence: 0.8, samples: 20, seed: 1, baseline: { score: 100 } });
    expect(await printed('chrf', ...args)).toMatch(
      / {2}80 % of 20 resamples: .*\n {2}baseline 100\.00: .*\n {2}difference -.* p = 0\.\d{4}\n/,
    );
  });

  it('hands the flags to the metric', async () => {
    expect(await printed('bleu', '--lowercase', '--tokenize', 'char', '--smooth-method', 'floor')).toContain(
      'case:lc|eff:no|tok:char|smooth:floor[0.10]',
    );
    expect(await printed('chrf++', '--char-order', '4', '--eps-smoothing')).toContain('eff:no|nc:4|nw:2|');
    expect(await printed('ter', '--no-punct', '--normalized', '--case-sensitive')).toContain(
      'case:mixed|tok:tercom|norm:yes|punct:no|asian:no',
    );
    expect(await printed('rougeL', '--use-stemmer', '--line-break', '<n>')).toContain(
      'tok:english|stem:porter|break:<n>',
    );
  });

  it.each([
    [['bleu', '--word-order', '2'], '--word-order is not read by bleu, only by chrf, chrf++.'],
    [['rouge1', '--no-punct'], '--no-punct is not read by rouge1'],
    [['wer', '--tokenize', '13a'], '--tokenize is not read by wer'],
    [['bleu', '--smooth-value', '1'], '--smooth-value is read only with --smooth-method floor or add-k'],
    [['bleu', '--seed', '2'], '--seed is read only with --confidence or --baseline'],
    [['bleu', '--tokenize', '13b'], 'Unknown tokenizer "13b". Did you mean "13a"?'],
    [['blue'], 'Unknown metric "blue". Did you mean "bleu"?'],
  ])('refuses %j as wrong use', async ([metric = '', ...args], message) => {
    await expect(printed(metric, ...args)).rejects.toThrow(UsageError);
    await expect(printed(metric, ...args)).rejects.toThrow(message);
  });
});

const built = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const isBuilt = existsSync(new URL('../../../dist/cli/commands/score.js', import.meta.url));

/** How the built command ends that reads `input` as hypotheses. */
function ended(input: string, ...more: string[]): { status: number | null; stdout: string } {
  const args = ['score', 'cer', '--hypotheses', '-', '--references', path('ref'), '--json', ...more];
  return spawnSync(process.execPath, [built, ...args], { input, encoding: 'utf8' });
}

describe('the built command', () => {
  it('reads standard input, and tells wrong use from bad data', (context) => {
    if (!isBuilt) context.skip('dist/ holds no such verb: npm run build');
    const good = ended('the cat sat on the mat\nsome dogs run off\n\n', '--skip-bad');
    expect(JSON.parse(good.stdout)).toMatchObject({ metric: 'cer', edits: 1, segments: 2, skipped: 1 });
    expect(good.status).toBe(0);
    expect(ended('the cat\n').status).toBe(1);
    expect(ended('', '--beta', '1').status).toBe(2);
  });
});
