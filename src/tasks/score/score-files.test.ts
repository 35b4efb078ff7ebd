// Checks the scoring of files against sacreBLEU and rouge_score, and what is said of files that cannot be scored.
import { describe, expect, it } from 'vitest';
import { expectClose, reference } from '../../../test/support/metric-fixtures.js';
import { MemoryDisk, MemoryFiles } from '../../testing/memory-files.js';
import { scoredMetricName, scoreFiles, type ScoreRequest, type Scoring } from './score-files.js';

type Contents = Readonly<Record<string, string | Uint8Array>>;

const contents: Contents = {
  hyp: 'The dog bit the man.\nThe lamp burned all night.\n',
  ref: 'The dog had bit the man.\nThe old lamp burned all night.\n',
};

async function scored(
  request: Partial<ScoreRequest>,
  replaced: Contents = {},
  standardInput = '',
): Promise<Scoring> {
  const disk = new MemoryDisk();
  for (const [path, content] of Object.entries({ ...contents, ...replaced })) {
    disk.contents.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }
  return scoreFiles(
    new MemoryFiles(disk),
    { metric: 'bleu', hypotheses: 'hyp', references: ['ref'], ...request },
    new Blob([standardInput]).stream(),
  );
}

async function scoreOf(...args: Parameters<typeof scored>): Promise<number | undefined> {
  const { reports } = await scored(...args);
  return [...reports.values()][0]?.score.score;
}

/** Whether a text comes back from a file as it was. As sacreBLEU's command, files lose white space at the end of lines. */
function isLine(text: string): boolean {
  return text !== '' && text.trimEnd() === text && !text.includes('\n');
}

describe('scores of files', () => {
  const corpora = reference.corpora.filter(({ hypotheses, referenceFiles }) =>
    [hypotheses, ...referenceFiles].every((lines) => lines.every(isLine)),
  );

  it.each(corpora.map((corpus) => [corpus.title, corpus] as const))(
    'equal the reference implementations on "%s"',
    async (_, { hypotheses, referenceFiles, cases }) => {
      const paths = referenceFiles.map((_, i) => `ref${i}`);
      const files = Object.fromEntries(
        referenceFiles.map((lines, i) => [`ref${i}`, `${lines.join('\n')}\n`] as const),
      );
      for (const { metric, options, score, details, signature } of cases) {
        const request = { metric, options, references: paths };
        const { reports } = await scored(request, { ...files, hyp: hypotheses.join('\n') });
        const report = reports.get(metric);
        expectClose(report?.score, { score, ...details }, `${metric} ${JSON.stringify(options)}`);
        if (signature !== undefined) expect(report?.signature).toBe(`${signature}+mneme`);
      }
    },
  );

  it('are compared on several corpora', () => expect(corpora.length).toBeGreaterThan(4));

  it('of segments have the effective order, as sacreBLEU has it, and the corpus has not', async () => {
    const { reports } = await scored({}, { hyp: 'A lamp\nA lamp\n', ref: 'A lamp\nA lamp\n' });
    const report = reports.get('bleu');
    expect(report?.score.score).toBe(0);
    expectClose(report?.segmentScores, [100, 100]);
    expect(report?.signature).toContain('|eff:no|');
  });

  it('do not depend on line ends, a byte order mark, or the last line feed', async () => {
    const score = await scoreOf({});
    expect(await scoreOf({}, { hyp: `\ufeff${String(contents['hyp']).replaceAll('\n', '\r\n')}` })).toBe(
      score,
    );
    expect(await scoreOf({}, { ref: String(contents['ref']).trimEnd() })).toBe(score);
  });

  it('can come from standard input', async () => {
    expect(await scoreOf({ hypotheses: '-' }, {}, String(contents['hyp']))).toBe(await scoreOf({}));
    await expect(scored({ hypotheses: '-', references: ['-'] })).rejects.toThrow('only once');
  });

  it('of "rouge" are those of its four members', async () => {
    const { reports } = await scored({ metric: 'rouge' });
    expect([...reports.keys()]).toEqual(['rouge1', 'rouge2', 'rougeL', 'rougeLsum']);
    for (const [metric, { score }] of reports) expect(await scoreOf({ metric })).toBe(score.score);
  });

  it('of ROUGE take a mark as a line break, when there is one', async () => {
    // The order of sentences matters to ROUGE-L of one long sentence, not to the union over sentences.
    const swapped = { hyp: 'a dog ran<n>the cat sat', ref: 'the cat sat<n>a dog ran' };
    expect(await scoreOf({ metric: 'rougeLsum', options: { lineBreak: '<n>' } }, swapped)).toBe(1);
    expect(await scoreOf({ metric: 'rougeLsum' }, swapped)).toBeLessThan(1);
  });
});

describe('a bootstrap', () => {
  const bootstrap = { samples: 50, confidence: 0.9, seed: 3 };

  it('of one system gives an interval, and is named in the signature', async () => {
    const { reports } = await scored({ metric: 'rouge1', bootstrap });
    const report = reports.get('rouge1');
    const { low = NaN, high = NaN } = report?.bootstrap?.system ?? {};
    expect(low).toBeLessThanOrEqual(report?.score.score ?? NaN);
    expect(high).toBeGreaterThanOrEqual(report?.score.score ?? NaN);
    expect(report?.signature).toContain('nrefs:1|bs:50|seed:3|');
  });

  it('finds a system no better than itself', async () => {
    const { reports } = await scored({ bootstrap, baseline: 'hyp' });
    expect(reports.get('bleu')?.bootstrap).toMatchObject({ ...bootstrap, pValue: 1 / 51 });
  });
});

describe('files that cannot be scored', () => {
  it('of unequal length are refused with both counts, whatever may be skipped', async () => {
    const longer = { ref: 'one\ntwo\nthree\n' };
    await expect(scored({ skipBad: true }, longer)).rejects.toThrow('"hyp" has 2 lines, "ref" has 3 lines');
    await expect(scored({ baseline: 'one' }, { one: 'x\n' })).rejects.toThrow('"one" has 1 line:');
  });

  it('that are missing or have no line are refused by name', async () => {
    await expect(scored({ hypotheses: 'none' })).rejects.toThrow('none');
    await expect(scored({}, { hyp: '', ref: '' })).rejects.toThrow('"hyp" has no lines');
  });

  it('with an empty reference are refused with its line, or scored without it', async () => {
    const gap = { hyp: 'a b c d\nx\na b c d\n', ref: 'a b c d\n  \na b c d\n' };
    await expect(scored({}, gap)).rejects.toThrow('Line 2 of "ref" is empty');
    const { segments, reports } = await scored({ skipBad: true }, gap);
    expect(segments.lines).toEqual([1, 3]);
    expect(segments.skipped.map(({ fields }) => fields['line'])).toEqual([2]);
    expectClose(reports.get('bleu')?.score, { score: 100 });
    await expect(scored({ skipBad: true }, { hyp: 'a\n', ref: '\n' })).rejects.toThrow(
      'All 1 lines were left out',
    );
  });

  it('do not include empty answers: SQuAD has questions without one', async () => {
    const answers = { hyp: '\nParis\n', ref: '\nthe Paris\n' };
    expect(await scoreOf({ metric: 'exact-match' }, answers)).toBe(1);
    expect(await scoreOf({ metric: 'token-f1' }, answers)).toBe(1);
  });

  it('with bytes that are not UTF-8 are refused with line and byte, or scored without the line', async () => {
    const damaged = { hyp: Uint8Array.from([0x61, 0x0a, 0x62, 0xff, 0x0a]), ref: 'a\nb\n' };
    await expect(scored({}, damaged)).rejects.toThrow('Line 2: "hyp" is not text: at byte 3');
    const { segments } = await scored({ skipBad: true }, damaged);
    expect(segments.lines).toEqual([1]);
  });
});

describe('the name of a metric', () => {
  it('that is mistyped is refused with the nearest', () => {
    expect(scoredMetricName('rouge')).toBe('rouge');
    expect(() => scoredMetricName('rougel')).toThrow('Unknown metric "rougel". Did you mean "rougeL"?');
  });
});
