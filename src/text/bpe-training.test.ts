import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf, sharedText, trainNatively } from '../../test/support/native-tokenizers.js';
import { AbortedError, ConfigError, DataError } from '../core/errors.js';
import { trainBpe } from './bpe-training.js';
import type { TokenizerTrainingProgress } from './training.js';

const english = `It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness,
it was the epoch of belief, it was the epoch of incredulity; we had everything before us, we had nothing before us.
They've 3 cats, 12 dogs and 1024 mice; that's what she'd said. The end of the beginning of the end...\n`;
const chinese = `床前明月光，疑是地上霜。举头望明月，低头思故乡。\n白日依山尽，黄河入海流。欲穷千里目，更上一层楼。
明月几时有，把酒问青天。不知天上宫阙，今夕是何年。\n`;
const mixed = `${english}\n  \t${chinese}👩‍👩‍👧 hello 你好 🌍🌍🌍 naïve café — 😀😀\r\n\r\n    indented();\n`;
const repetitive = 'aaaa aaaaaaa baaab abababab bababa aabbaabb aaaaaaaaaaaa\n'.repeat(3);

/** Merges in the order in which they were learned, as `left right`. */
async function mergesOf(text: string, vocabularySize: number, minimumFrequency = 1): Promise<string[]> {
  const tokenizer = await trainBpe(linesOf(text), { vocabularySize, minimumFrequency });
  return (tokenizer.toJSON()['model'] as { merges: string[] }).merges;
}

const nativeMerges = (text: string): string[] => trainNatively(text).merges.map((merge) => merge.join(' '));

function* endless(): Generator<string> {
  for (;;) yield english;
}

const train = (texts: string[], vocabularySize: number, specialTokens: string[] = []): Promise<unknown> =>
  trainBpe(texts, { vocabularySize, specialTokens });

describe('training a byte-level BPE', () => {
  it.each(Object.entries({ english, chinese, mixed, repetitive }))(
    'learns the merges of the native library in the same order: %s',
    async (_name, text) => {
      expect(await mergesOf(text, 30_000)).toEqual(nativeMerges(text));
    },
  );

  it('learns the merges of the native library from random words of few letters, where ties and overlaps abound', async () => {
    const letters = fc.constantFrom('a', 'b', 'c', ' ', 'é');
    const text = fc.string({ unit: letters, minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(text, async (text) => {
        expect(await mergesOf(text, 30_000)).toEqual(nativeMerges(text));
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it.for([
    sharedText('tinyshakespeare/input.txt'),
    sharedText('zh_text_fortunes/tang300.txt.gz'),
    sharedText('zh_text_fortunes/song100.txt.gz'),
  ])(
    'learns the first 4,000 merges of the native library from $name',
    async ({ present, read, name }, { skip }) => {
      skip(!present, `../shared/data/${name} is not there`);
      const text = read();
      const merges = await mergesOf(text, 256 + 4000);
      expect(merges).toEqual(nativeMerges(text).slice(0, 4000));
    },
  );

  it('reads text in pieces from an asynchronous source', async () => {
    const stream = ReadableStream.from(linesOf(mixed));
    const streamed = await trainBpe(stream, { vocabularySize: 400 });
    expect(streamed.toJSON()).toEqual((await trainBpe(linesOf(mixed), { vocabularySize: 400 })).toJSON());
  });

  it('stops at pairs that occur less often than the minimum frequency', async () => {
    // 'ab' occurs 3 times, ' ab' twice, all else once.
    expect(await mergesOf('ab ab ab cd', 1000, 3)).toEqual(['a b']);
    expect(await mergesOf('ab ab ab cd', 1000, 2)).toEqual(['a b', 'Ġ ab']);
    expect(await mergesOf('ab ab ab cd', 1000, 1)).toEqual(['a b', 'Ġ ab', 'c d', 'Ġ cd']);
  });

  it('gives ids to special tokens, then to the 256 bytes, then to merges', async () => {
    const specialTokens = ['<|endoftext|>', '<pad>'];
    const tokenizer = await trainBpe(linesOf(english), { vocabularySize: 300, specialTokens });
    expect([...tokenizer.specialTokens]).toEqual([
      ['<|endoftext|>', 0],
      ['<pad>', 1],
    ]);
    expect(tokenizer.vocabularySize).toBe(300);
    expect(tokenizer.tokenOf(2)).toBe('!');
    expect(tokenizer.tokenOf(257)).toBe('Ń');
    expect(tokenizer.tokenOf(258)).toBe((await mergesOf(english, 300))[0]?.replace(' ', ''));
  });

  it('does not learn from special tokens in the text', async () => {
    const texts = linesOf(english);
    const withTokens = texts.map((line) => `<|endoftext|>${line}<|endoftext|>`);
    const options = { vocabularySize: 400, specialTokens: ['<|endoftext|>'] };
    expect((await trainBpe(withTokens, options)).toJSON()).toEqual((await trainBpe(texts, options)).toJSON());
  });

  it('reports both phases and ends at the size that it reached', async () => {
    const reports: TokenizerTrainingProgress[] = [];
    await trainBpe(['abab'], { vocabularySize: 1000, onProgress: (progress) => reports.push(progress) });
    expect(reports).toContainEqual({ phase: 'counting', bytes: 4, distinctWords: 1 });
    expect(reports.at(-1)).toEqual({ phase: 'merging', vocabularySize: 257, targetSize: 1000 });
  });

  it('stops when it is cancelled while text still comes', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 10);
    await expect(trainBpe(endless(), { vocabularySize: 1000, signal: controller.signal })).rejects.toThrow(
      AbortedError,
    );
  });

  it('rejects a size without room for the bytes, a text without a character, and impossible special tokens', async () => {
    await expect(train(['text'], 256, ['<s>'])).rejects.toThrow(/at least 257/);
    await expect(train(['text'], Number.NaN)).rejects.toThrow(ConfigError);
    await expect(train(['', ''], 300)).rejects.toThrow(DataError);
    await expect(train(['text'], 300, ['<s>', '<s>'])).rejects.toThrow(/stands twice/);
    await expect(train(['text'], 300, [''])).rejects.toThrow(/is empty/);
    await expect(train(['text'], 300, ['Ġ'])).rejects.toThrow(/spelled like/);
  });
});
