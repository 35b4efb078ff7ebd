// `mneme score`: compares what a system wrote with references, line by line.
import { Command, InvalidArgumentError } from 'commander';
import type { Resampling } from '../../tasks/score/score.js';
import type { Scoring } from '../../tasks/score/score-files.js';
import { ConfigError, UsageError } from '../../core/errors.js';
import { wholeNumber } from '../options.js';
import { note, print, printJson } from '../output.js';
import { addMetricFlags, isGiven, metricOptions } from '../score/metric-flags.js';
import { surroundings } from '../surroundings.js';

interface ScoreFlags {
  readonly hypotheses: string;
  readonly references: readonly string[];
  readonly baseline?: string;
  /** `true` where no number is given. */
  readonly confidence?: number | true;
  readonly samples: number;
  readonly seed: number;
  readonly segments?: boolean;
  readonly skipBad?: boolean;
  readonly json?: boolean;
}

const names =
  'bleu, chrf, chrf++, ter, rouge1, rouge2, rougeL, rougeLsum, rouge (all four), exact-match, token-f1, wer or cer';

export function command(): Command {
  const verb = new Command('score')
    .description('Score texts against references, one line a segment; - is standard input.')
    .argument('<metric>', names)
    .requiredOption('--hypotheses <file>', 'what the system wrote')
    .requiredOption('--references <files...>', 'what it should have written: one or several files')
    .option('--baseline <file>', 'what another system wrote: paired bootstrap test against it')
    .option('--confidence [share]', 'bootstrap interval that holds this share (default: 0.95)', share)
    .option('--samples <n>', 'resamples of the bootstrap', wholeNumber(1), 1000)
    .option('--seed <n>', 'seed of the bootstrap', wholeNumber(0), 1)
    .option('--segments', 'print the score of each segment, too')
    .option('--skip-bad', 'leave out lines that cannot be scored, and count them')
    .option('--json', 'print the result as one JSON object, all scores on their own scale');
  return addMetricFlags(verb).action(run);
}

/** A number between 0 and 1. */
function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('A number between 0 and 1 was expected, such as 0.95.');
}

async function run(metric: string, flags: ScoreFlags, verb: Command): Promise<void> {
  const { jsonReport, textReport } = await import('../score/report.js');
  const scoring = await score(metric, flags, verb);
  const [problem] = scoring.segments.skipped;
  if (problem !== undefined) note(`Left out ${scoring.segments.skipped.length} lines. ${problem.message}`);
  const showSegments = flags.segments === true;
  if (flags.json) printJson(jsonReport(scoring, showSegments));
  else print(textReport(scoring, showSegments));
}

/** Settings come from the command line alone, so that those that a metric refuses are wrong use. */
async function score(name: string, flags: ScoreFlags, verb: Command): Promise<Scoring> {
  const { scoredMetricName, scoreFiles } = await import('../../tasks/score/score-files.js');
  const { files } = await import('../../core/files.node.js');
  const { hypotheses, references, baseline, skipBad } = flags;
  try {
    const metric = scoredMetricName(name);
    const options = metricOptions(verb, metric);
    const bootstrap = resampling(flags, verb);
    const request = { metric, options, hypotheses, references, baseline, bootstrap, skipBad };
    return await scoreFiles(files, request, surroundings().stdin);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(error.message, { cause: error, fields: error.fields });
  }
}

function resampling(
  { baseline, confidence, samples, seed }: ScoreFlags,
  verb: Command,
): Resampling | undefined {
  if (baseline !== undefined || confidence !== undefined) {
    return { confidence: typeof confidence === 'number' ? confidence : 0.95, samples, seed };
  }
  const stray = ['samples', 'seed'].find((name) => isGiven(verb, name));
  if (stray === undefined) return undefined;
  throw new UsageError(`--${stray} is read only with --confidence or --baseline.`);
}
