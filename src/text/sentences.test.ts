import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sentenceParts, streamSentences } from './sentence-stream.js';
import { longestSentence, paragraphSpans, sentenceEnds, sentenceSpans } from './sentences.js';
import type { Span } from './span.js';

const texts = (text: string, spans: readonly Span[]): string[] =>
  spans.map(({ start, end }) => text.slice(start, end));
const sentences = (text: string): string[] => texts(text, sentenceSpans(text));

/** Sentences are parted by a bar; the bar itself is not in the text. */
const cases: Readonly<Record<string, readonly string[]>> = {
  plain: ['It works. |Does it? |Yes! |Good.', 'One sentence without an end'],
  titles: ['Dr. Smith met Mrs. Jones. |They spoke.', 'Prof. Li, Gen. Grant and St. Paul agreed. |Fine.'],
  initials: ['J. K. Rowling wrote it. |She won.', 'George W. Bush left.', 'It was plan B. |The team agreed.'],
  decimals: ['It cost $3.50. |Pi is 3.14159. |Really.', 'Version 2.0.1 is out. |Get it.'],
  abbreviations: [
    'Fruit, e.g. Apples, i.e. Red ones, etc. |The rest is gone.',
    'He works at Acme Inc. |He likes it.',
    'Acme Inc. Chairman Bob left.',
    'See Fig. 3 and No. 5 on pp. 7. |The answer is no. |Go.',
    'At 5 p.m. |They left the U.S. |We stayed in the U.S. Senate.',
    'Smith et al. Found this.',
  ],
  quotes: [
    '"Really?" he asked. |"Yes." |She left.',
    '“Stop!” |He stopped. |(It was late.) |Then home.',
    "He said 'no.' |Then he left.",
    'A claim.[12] |Another one.',
  ],
  ellipses: [
    'Less complex. . . . |Next one. |What I . . . mean.',
    'Well... maybe not. |Wait... |What?',
    'And so… he left. |And so… |The end.',
  ],
  urls: [
    'See https://example.com/a?b=c.d and www.site.org. |Then mail a.b@c.de. |Done.',
    'Node.js is fine. |Use it.',
  ],
  runs: ['What?! |No way!!! |OK.', 'Yahoo! is old.'],
  numbered: [
    '1.) The first. |2. The second.',
    'In Jan. 2020 it fell. |It was Jan. |She left.',
    '1. Introduction to it. |Text follows in 1999. |The end.',
  ],
  chinese: [
    '今天天气很好。|我们去公园吧！|好吗？|好；|走……|再见',
    '他说：“你好！”|然后走了。',
    '“真的吗？！”|她问。|（他没有回答。）|天黑了。',
    '价格是3.5元。|太贵了！|',
    '会非常麻烦.|建议用别的路线.|房间较为简单.',
    '很好!|下次还来?|会的',
    '「静かだ。」|と彼は言った。',
    '他“哦……”，走了。',
  ],
  mixed: ['我用 GPT-4. |It works。|真的吗? |Yes.', 'Mneme 0.1 发布了。|Try it! |很好。'],
  lines: [
    'A line that is\nwrapped here. |Next\none.',
    'A title\n\n|A paragraph.',
    '# A heading\n|Text under it\n|- first item\n|- second item',
    '春眠不觉晓\n|处处闻啼鸟',
    'Before:\n|```js\nconst a = 1. Then;\n\nNext. Line\n```\n|After. |End.',
    '```\nnever closed. It\n\nGoes on.',
  ],
  others: ['¿Qué? |¡Vaya! |Él dijo que no.', 'यह ठीक है। |वह भी।', 'Das kostet z.B. Zehn Euro. |Gut.'],
};

describe('sentences', () => {
  it.each(Object.entries(cases).flatMap(([kind, list]) => list.map((text) => [kind, text] as const)))(
    'of %s: %s',
    (_kind, marked) => {
      const expected = marked.split('|').map((part) => part.trim());
      const text = marked.replaceAll(/ ?\|(?=.)/gsu, (bar) => bar.slice(0, -1)).replace(/\|$/, '');
      expect(sentences(text)).toEqual(expected.filter((part) => part !== ''));
    },
  );

  it('end at every line break when line breaks are hard', () => {
    const text = '#Person1#: Hi there\n#Person2#: Hello. You\ncome?';
    const spans = sentenceSpans(text, { lineBreaks: 'hard' });
    expect(texts(text, spans)).toEqual(['#Person1#: Hi there', '#Person2#: Hello.', 'You', 'come?']);
  });

  it('take all of the text between them, whatever it is, and cut no surrogate pair', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const ends = sentenceEnds(text);
        expect(ends.every((end, i) => end > (ends[i - 1] ?? 0))).toBe(true);
        expect(ends.at(-1) ?? 0).toBe(text.length);
        for (const end of ends)
          expect(text.slice(end - 1, end + 1)).not.toMatch(/^[\uD800-\uDBFF][\uDC00-\uDFFF]/);
      }),
      { numRuns: 500 },
    );
  });

  it('are the same in a stream, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText), async (pieces) => {
        const text = pieces.join('');
        const streamed: Span[] = [];
        for await (const { start, end, text: said } of streamSentences(pieces)) {
          expect(said).toBe(text.slice(start, end));
          streamed.push({ start, end });
        }
        expect(streamed).toEqual(sentenceSpans(text));
      }),
    );
  });

  it('are the same in a long stream that is looked through in several batches', async () => {
    const text = Array.from({ length: 6000 }, (_, i) => Object.values(cases).flat()[i % 40]).join(' ');
    const pieces = Array.from({ length: Math.ceil(text.length / 777) }, (_, i) =>
      text.slice(i * 777, i * 777 + 777),
    );
    const ends: number[] = [];
    for await (const { end } of sentenceParts(pieces)) ends.push(end);
    expect(ends).toEqual(sentenceEnds(text));
  });

  it('come out of a stream while it is still running', async () => {
    let taken = 0;
    function* endless(): Generator<string> {
      for (;;) {
        taken += 1000;
        yield 'A sentence. Or two. '.repeat(50);
      }
    }
    let found = 0;
    for await (const { end } of streamSentences(endless())) {
      // No more than two of the longest sentences are held.
      expect(taken - end).toBeLessThanOrEqual(2 * longestSentence);
      if (++found === 20_000) break;
    }
    expect(found).toBe(20_000);
  });

  it('without an end are cut at a word', () => {
    const text = 'word '.repeat(longestSentence);
    const lengths = sentenceSpans(text).map(({ start, end }) => end - start);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(longestSentence);
    expect(texts(text, sentenceSpans(text)).every((part) => /^(?:word )*word$/.test(part))).toBe(true);
    expect(sentenceEnds('😀'.repeat(longestSentence)).every((end) => end % 2 === 0)).toBe(true);
  });
});

describe('paragraphs', () => {
  it('are parted by blank lines and by Chinese lines, and keep code fences whole', () => {
    const text =
      ' First. Still\nfirst.\n\nSecond\n \n```\ncode\n\ncode\n```\nThird.\n\n　　第四段。还是。\n第五段\n';
    expect(texts(text, paragraphSpans(text))).toEqual([
      'First. Still\nfirst.',
      'Second',
      '```\ncode\n\ncode\n```\nThird.',
      '第四段。还是。',
      '第五段',
    ]);
  });
});

const part = fc.oneof(
  fc.constantFrom(
    '. ',
    '.',
    '? ',
    '。',
    '……',
    '”',
    '\n',
    '\n\n',
    '```\n',
    ' ',
    'Dr',
    'The',
    'x',
    '他',
    '😀',
    '3',
    '# ',
    '1',
  ),
  fc.string({ unit: 'binary' }),
);
const anyText = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''));
