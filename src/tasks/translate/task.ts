// The task of translating, learned from texts and their translations. Knows nothing of tables or of terminals.
import { bleu, chrf } from '../../metrics/index.js';
import { areChinese, scoresOf } from '../writing/scores.js';
import { writingTask } from '../writing/writing-task.js';
import { translatePresets } from './presets.js';

export const translateTask = writingTask({
  name: 'translate',
  summary: 'translates a text',
  source: 'source',
  target: 'target',
  references: ['reference2', 'reference3', 'reference4'],
  roles: {
    source: { column: 'source', holds: 'the text' },
    target: { column: 'target', holds: 'its translation' },
    reference2: { column: 'reference2', optional: true, holds: 'another translation, for evaluation' },
    reference3: { column: 'reference3', optional: true, holds: 'another translation, for evaluation' },
    reference4: { column: 'reference4', optional: true, holds: 'another translation, for evaluation' },
  },
  presets: translatePresets,
  decoding: { beams: 5, lengthPenalty: 1 },
  score(hypotheses, references, lowercase) {
    const tokenize = areChinese(references.flat()) ? 'zh' : '13a';
    return scoresOf(
      { bleu: bleu({ lowercase, tokenize }), chrf: chrf({ lowercase }) },
      hypotheses,
      references,
    );
  },
});
