import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedText } from '../../../test/support/native-tokenizers.js';
import { ConfigError } from '../../core/errors.js';
import { rouge } from '../../metrics/index.js';
import { extractiveSummary } from './extractive.js';

const article = `The city council met on Monday. It was a cold day. The council approved a new bridge over the river, which will cost
forty million euros. Critics say the bridge is too expensive for the city. The mayor said the bridge would shorten the way to work
for ten thousand people. Coffee was served. Work on the bridge begins in May.`;
const chinese =
  '市议会星期一开会。天气很冷。议会批准在河上建一座新桥，造价四千万。批评者说这座桥太贵了。市长说新桥能缩短一万人的上班路程。大家喝了咖啡。新桥五月开工。';
const dialogue = `Anna: Hi Tom!
Tom: Hello. Did you book the flight to Lisbon?
Anna: Yes, the flight to Lisbon leaves on Friday morning at nine.
Tom: Great. I will book the hotel in Lisbon tonight.
Anna: Ok.`;

describe('an extractive summary', () => {
  it.each([article, chinese, dialogue])('is made of sentences of the text, in order: %s', (text) => {
    for (const options of [{}, { words: 15 }, { method: 'lead' as const }, { sentences: 1 }]) {
      const summary = extractiveSummary(text, options);
      expect(summary.sentences.length).toBeGreaterThan(0);
      summary.sentences.forEach((sentence, i) => {
        expect(text.slice(sentence.start, sentence.end)).toBe(sentence.text);
        expect(summary.text).toContain(sentence.text);
        expect(sentence.start).toBeGreaterThanOrEqual(summary.sentences[i - 1]?.end ?? 0);
      });
      expect(extractiveSummary(text, options)).toEqual(summary);
    }
  });

  it('says what the text is about, in English and Chinese', () => {
    expect(extractiveSummary(article, { words: 35 }).text).toMatch(/bridge.*bridge/s);
    expect(extractiveSummary(article, { words: 35 }).text).not.toMatch(/Coffee|cold/);
    expect(extractiveSummary(chinese, { words: 35 }).text).toMatch(/新桥/);
    expect(extractiveSummary(chinese, { words: 35 }).text).not.toMatch(/咖啡|天气/);
  });

  it('keeps the names of a dialogue with what they say, and hears everyone', () => {
    const { text, sentences } = extractiveSummary(dialogue, { words: 30 });
    expect(text).toMatch(/^(?:(?:Anna|Tom): .*(?:\n|$))+$/);
    expect(new Set(sentences.map(({ speaker }) => speaker))).toEqual(new Set(['Anna', 'Tom']));
    expect(text).toMatch(/Lisbon/);
    expect(
      extractiveSummary('Note: this is no dialogue. It has one colon.').sentences[0]?.speaker,
    ).toBeUndefined();
  });

  it('of the lead is the first sentences', () => {
    expect(extractiveSummary(article, { method: 'lead', sentences: 2 }).text).toBe(
      'The city council met on Monday. It was a cold day.',
    );
    expect(extractiveSummary(chinese, { method: 'lead', sentences: 2 }).text).toBe(
      '市议会星期一开会。天气很冷。',
    );
  });

  it('holds about as many words as are wanted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 15, max: 60 }), (words) => {
        const { sentences, text } = extractiveSummary(article, { words });
        const count = text.split(/\s+/).length;
        expect(count <= 1.15 * words || sentences.length === 1).toBe(true);
      }),
    );
  });

  it('of nothing is nothing, and of thousands of sentences takes no time', () => {
    expect(extractiveSummary(' \n')).toEqual({ text: '', sentences: [] });
    const long = Array.from(
      { length: 3000 },
      (_, i) => `Sentence ${i} speaks of topic ${i % 7} and of ${i % 11}.`,
    ).join(' ');
    expect(extractiveSummary(long, { sentences: 5 }).sentences.length).toBe(5);
  });

  it('refuses sizes that make no sense', () => {
    expect(() => extractiveSummary(article, { sentences: 0 })).toThrow(ConfigError);
    expect(() => extractiveSummary(article, { words: 0 })).toThrow(ConfigError);
  });

  it('beats the first three sentences of DialogSum on ROUGE-1', ({ skip }) => {
    const { present, read } = sharedText('dialogsum/dialogsum.test.jsonl.gz');
    skip(!present, '../shared/data/dialogsum is not there');
    const rows = read()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    const metric = rouge('rouge1');
    const score = (method: 'lead' | 'text-rank'): number => {
      const scores = rows.flatMap(({ dialogue = '', summary1 = '', summary2 = '', summary3 = '' }) => {
        const { text } = extractiveSummary(dialogue, { method });
        return [summary1, summary2, summary3].map((summary) => metric.statistics(text, [summary])[2] ?? 0);
      });
      return (100 * scores.reduce((a, b) => a + b, 0)) / scores.length;
    };
    expect(score('text-rank')).toBeGreaterThan(score('lead') + 1);
  });
});
