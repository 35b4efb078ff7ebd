import { afterAll, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import { NodeRuntime } from '../../engine/runtime/node.js';
import { memoryFiles } from '../../testing/memory-files.js';
import { evaluateTask } from '../tune/evaluate.js';
import { loadTask } from '../tune/load.js';
import { tune } from '../tune/tune.js';
import { label, labelAll } from './label.js';
import { labelTask } from './task.js';
import { areCharacters, wordsOf } from './words.js';

const runtime = new NodeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());

const words: Readonly<Record<string, readonly string[]>> = {
  'B-PER': ['Anna', '李', 'Omar'],
  'B-LOC': ['Rome', '上海', 'Oslo'],
  O: ['went', 'to', '去', 'and', 'saw'],
};

/** Sentences whose words say their label, but for the second word of a name. */
function sentences(count: number, seed: number): { readonly words: string[]; readonly labels: string[] }[] {
  const random = Random.fromSeed(seed);
  const kinds = Object.keys(words);
  return Array.from({ length: count }, () => {
    const labels = Array.from({ length: 3 + random.integer(4) }, () => kinds[random.integer(3)] ?? 'O');
    const chosen = labels.map((label) => words[label]?.[random.integer(3)] ?? '');
    return { words: chosen, labels };
  });
}

function jsonl(rows: readonly { readonly words: string[]; readonly labels: string[] }[]): string {
  return rows.map(({ words: tokens, labels }) => `${JSON.stringify({ tokens, labels })}\n`).join('');
}

const recipe = {
  tokenizer: { kind: 'word-piece', vocabularySize: 80, lowercase: false },
  model: { reader: { kind: 'bidirectional', width: 16 }, maxLength: 32, dropout: 0 },
  training: { steps: 40, batchSize: 8, learningRate: 0.05, evaluateEvery: 20 },
};

it('learns to label words, and is measured by spans', async () => {
  const files = memoryFiles();
  await files.writeAtomic('/train.jsonl', jsonl(sentences(80, 1)));
  const conll = sentences(20, 2).map(({ words, labels }) =>
    words.map((word, i) => `${word}\t${labels[i]}\n`).join(''),
  );
  await files.writeAtomic('/test.conll', conll.join('\n'));
  await tune({ files, runtime, folder: '/run' }, { task: labelTask, recipe, data: '/train.jsonl' });
  const saved = await loadTask(files, '/run', { wanted: 'label' });
  expect(saved.state.best?.metric).toBe('spanF1');
  const result = await evaluateTask(files, runtime, saved, { data: '/test.conll' });
  expect(result['spanF1']).toBeGreaterThan(0.95);
  const found = await label('/run', ['李', 'went', 'to', '上海'], { files, runtime });
  expect(found.labels).toEqual(['B-PER', 'O', 'O', 'B-LOC']);
  expect(found.spans).toEqual([
    { kind: 'PER', start: 0, end: 1 },
    { kind: 'LOC', start: 3, end: 4 },
  ]);
  const all = await labelAll('/run', ['Omar went to 上海', []], { files, runtime });
  expect(all.map(({ tokens, labels }) => [tokens, labels])).toEqual([
    [
      ['Omar', 'went', 'to', '上海'],
      ['B-PER', 'O', 'O', 'B-LOC'],
    ],
    [[], []],
  ]);
});

it('splits texts as those were that it learned from', () => {
  expect(areCharacters(['李', '去', '上', '海', '2024'])).toBe(true);
  expect(areCharacters(['李', '住在', '上海', 'the'])).toBe(false);
  expect(wordsOf('Anna likes 上海.', false)).toEqual(['Anna', 'likes', '上海', '.']);
  expect(wordsOf('Anna likes 上海。', true)).toEqual(['Anna', 'likes', '上', '海', '。']);
});

it('refuses rows with another number of labels than words, with the line', async () => {
  const files = memoryFiles();
  await files.writeAtomic('/train.jsonl', jsonl([{ words: ['a', 'b'], labels: ['O'] }]));
  const attempt = tune({ files, runtime, folder: '/run' }, { task: labelTask, recipe, data: '/train.jsonl' });
  await expect(attempt).rejects.toThrow('Line 1 has 2 words and 1 labels.');
});
