// The flags that metrics read, by the names of sacreBLEU and rouge_score. Knows no metric's arithmetic.
import { Option, type Command } from 'commander';
import type { TextMetricOptions } from '../../metrics/index.js';
import type { ScoredMetricName } from '../../tasks/score/score-files.js';
import { UsageError } from '../../core/errors.js';
import { number, wholeNumber } from '../options.js';

interface MetricFlag {
  readonly option: Option;
  /** The option of the metric that it sets. */
  readonly key: keyof TextMetricOptions;
  readonly readBy: readonly ScoredMetricName[];
}

const bleu = ['bleu'] as const;
const chrf = ['chrf', 'chrf++'] as const;
const ter = ['ter'] as const;
const rouge = ['rouge', 'rouge1', 'rouge2', 'rougeL', 'rougeLsum'] as const;

/** [option of the metric, metrics that read it, flag, description, parser] */
type Row = readonly [
  key: keyof TextMetricOptions,
  readBy: readonly ScoredMetricName[],
  flag: string,
  description: string,
  parse?: (text: string) => number,
];

const rows: readonly Row[] = [
  [
    'tokenize',
    [...bleu, ...rouge],
    '--tokenize <name>',
    'BLEU: 13a, intl, zh, char or none; ROUGE: english, characters or words',
  ],
  ['lowercase', [...bleu, ...chrf], '--lowercase', 'BLEU, chrF: ignore case'],
  ['smoothing', bleu, '--smooth-method <name>', 'BLEU: exp, floor, add-k or none (default: exp)'],
  [
    'smoothingValue',
    bleu,
    '--smooth-value <x>',
    'BLEU: of floor (default: 0.1) or add-k (default: 1)',
    number(0),
  ],
  ['effectiveOrder', bleu, '--effective-order', 'BLEU: leave out orders longer than the text'],
  ['maxOrder', bleu, '--max-order <n>', 'BLEU: longest n-gram (default: 4)', wholeNumber(1)],
  [
    'characterOrder',
    chrf,
    '--char-order <n>',
    'chrF: longest n-gram of characters (default: 6)',
    wholeNumber(1),
  ],
  [
    'wordOrder',
    chrf,
    '--word-order <n>',
    'chrF: longest n-gram of words (default: 0; chrF++: 2)',
    wholeNumber(0),
  ],
  ['beta', chrf, '--beta <x>', 'chrF: weight of recall (default: 2)', number(0)],
  ['whitespace', chrf, '--whitespace', 'chrF: white space counts'],
  ['epsSmoothing', chrf, '--eps-smoothing', 'chrF: smooth empty orders rather than leave them out'],
  ['normalized', ter, '--normalized', 'TER: set punctuation apart'],
  ['noPunctuation', ter, '--no-punct', 'TER: remove punctuation'],
  ['asianSupport', ter, '--asian-support', 'TER: Chinese characters are words'],
  ['caseSensitive', ter, '--case-sensitive', 'TER: heed case'],
  ['stemmer', rouge, '--use-stemmer', 'ROUGE: compare Porter stems of English words'],
  ['lineBreak', rouge, '--line-break <mark>', 'ROUGE: mark between the sentences of a line, such as <n>'],
];

const metricFlags = rows.map(([key, readBy, flag, description, parse]): MetricFlag => {
  const option = new Option(flag, description);
  return { key, readBy, option: parse === undefined ? option : option.argParser(parse) };
});

export function addMetricFlags(command: Command): Command {
  for (const { option } of metricFlags) command.addOption(option);
  return command;
}

/**
 * The options of a metric that a command line sets.
 *
 * @throws {UsageError} for a flag that the metric does not read
 */
export function metricOptions(command: Command, metric: ScoredMetricName): TextMetricOptions {
  const given = metricFlags.filter(({ option }) => isGiven(command, option.attributeName()));
  const stray = given.find(({ readBy }) => !readBy.includes(metric));
  if (stray !== undefined) {
    const readers = stray.readBy.join(', ');
    throw new UsageError(`${stray.option.long} is not read by ${metric}, only by ${readers}. Leave it out.`);
  }
  const options: TextMetricOptions = Object.fromEntries(
    given.map(({ key, option }) => [key, valueOf(command, option)]),
  );
  if (options.smoothingValue !== undefined && !['floor', 'add-k'].includes(options.smoothing ?? 'exp')) {
    throw new UsageError('--smooth-value is read only with --smooth-method floor or add-k.');
  }
  return options;
}

function valueOf(command: Command, option: Option): unknown {
  // Commander makes a flag such as --no-punct false where it is given.
  return option.negate || command.getOptionValue(option.attributeName());
}

/** Whether an option stands on the command line. */
export function isGiven(command: Command, name: string): boolean {
  return command.getOptionValueSource(name) === 'cli';
}
