// The task of summarizing, learned from texts and their summaries. Knows nothing of tables or of terminals.
import { rouge } from '../../metrics/index.js';
import { areChinese, meanOverReferences } from '../writing/scores.js';
import { writingTask } from '../writing/writing-task.js';
import { summarizePresets } from './presets.js';

export const summarizeTask = writingTask({
  name: 'summarize',
  summary: 'summarizes a text',
  source: 'text',
  target: 'summary',
  references: ['summary2', 'summary3', 'summary4'],
  roles: {
    text: { column: 'text', holds: 'the text' },
    summary: { column: 'summary', holds: 'its summary' },
    summary2: { column: 'summary2', optional: true, holds: 'another summary, for evaluation' },
    summary3: { column: 'summary3', optional: true, holds: 'another summary, for evaluation' },
    summary4: { column: 'summary4', optional: true, holds: 'another summary, for evaluation' },
  },
  presets: summarizePresets,
  decoding: { beams: 5, lengthPenalty: 1.6, noRepeatNgram: 3 },
  score(hypotheses, references) {
    const options = { tokenize: areChinese(references.flat()) ? 'characters' : 'english' } as const;
    const metrics = {
      rouge1: rouge('rouge1', options),
      rouge2: rouge('rouge2', options),
      rougeL: rouge('rougeL', options),
    };
    return meanOverReferences(metrics, hypotheses, references);
  },
});
