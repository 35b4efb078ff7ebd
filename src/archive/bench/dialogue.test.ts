import { expect, test } from 'vitest';
import { openArchive } from '../open.js';
import { openPgliteInMemory } from '../store/pglite.js';
import { generateDialogue } from './dialogue.js';
import { benchDialogue } from './dialogue-recall.js';

test('the same seed gives the same year', () => {
  expect(generateDialogue({ seed: 3, turns: 520 })).toEqual(generateDialogue({ seed: 3, turns: 520 }));
  const { turns, kept, corrected, secret } = generateDialogue({ seed: 3, turns: 2000 });
  const texts = turns.map(({ text }) => text);
  for (const { statement } of [...kept, ...corrected, ...secret])
    expect(texts.filter((text) => text === statement)).toHaveLength(1);
  for (const { correction } of corrected) expect(texts).toContain(correction);
});

test('what was told a year ago is recalled, what was corrected is new, what was forgotten is gone', async () => {
  const archive = await openArchive({ store: await openPgliteInMemory({ thread: 'main' }) });
  const report = await benchDialogue(archive, { turns: 2000, seeds: 1 });
  expect(report.recalled).toBeGreaterThanOrEqual(0.95);
  expect(report.corrected).toBeGreaterThanOrEqual(0.95);
  expect(report.forgotten).toBe(1);
  await archive.close();
});
