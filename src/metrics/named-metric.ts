// The text metrics by the names that commands and configurations use. Knows nothing of the command line.
import { bleu, type BleuOptions } from './bleu.js';
import { bleuTokenizerNames, type BleuTokenizerName } from './bleu-tokenizer.js';
import { requireKnown } from './checks.js';
import { chrf, type ChrfOptions } from './chrf.js';
import { characterErrorRate, wordErrorRate } from './error-rate.js';
import { rouge, type RougeOptions, type RougeType } from './rouge.js';
import { rougeTokenizerNames } from './rouge-tokenizer.js';
import { exactMatch, tokenF1 } from './squad.js';
import { ter, type TerOptions } from './ter.js';
import type { TextMetric } from './text-metric.js';

/** The options of every text metric together; each metric reads its own. Tokenizer names are checked when it is made. */
export interface TextMetricOptions
  extends Omit<BleuOptions, 'tokenize'>, ChrfOptions, TerOptions, Omit<RougeOptions, 'tokenize'> {
  readonly tokenize?: string;
}

const metrics = {
  bleu: (options) => bleu({ ...options, tokenize: bleuTokenizerNamed(options.tokenize) }),
  chrf,
  'chrf++': (options) => chrf({ wordOrder: 2, ...options }),
  ter,
  rouge1: (options) => rougeNamed('rouge1', options),
  rouge2: (options) => rougeNamed('rouge2', options),
  rougeL: (options) => rougeNamed('rougeL', options),
  rougeLsum: (options) => rougeNamed('rougeLsum', options),
  'exact-match': exactMatch,
  'token-f1': tokenF1,
  wer: wordErrorRate,
  cer: characterErrorRate,
} satisfies Record<string, (options: TextMetricOptions) => TextMetric>;

export type TextMetricName = keyof typeof metrics;

export const textMetricNames = Object.keys(metrics) as TextMetricName[];

/**
 * The text metric of a name, for example `chrf++`.
 *
 * @throws {ConfigError} for an unknown name, with the nearest known one, or options the metric refuses
 */
export function textMetricNamed(name: string, options: TextMetricOptions = {}): TextMetric {
  return metrics[requireKnown('metric', name, textMetricNames)](options);
}

function bleuTokenizerNamed(name = '13a'): BleuTokenizerName {
  return requireKnown('tokenizer', name, bleuTokenizerNames);
}

function rougeNamed(type: RougeType, options: TextMetricOptions): TextMetric {
  const tokenize = requireKnown('ROUGE tokenizer', options.tokenize ?? 'english', rougeTokenizerNames);
  return rouge(type, { ...options, tokenize });
}
