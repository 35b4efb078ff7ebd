// The metrics. Pure functions of numbers and texts; knows nothing of models. Wherever two lists are compared, what the
// system said comes first and the truth second.
export { bleu, type BleuOptions, type BleuScore, type BleuSmoothing } from './bleu.js';
export type { BleuTokenizerName } from './bleu-tokenizer.js';
export {
  bootstrapInterval,
  pairedBootstrap,
  type BootstrapOptions,
  type Interval,
  type PairedBootstrap,
  type ResampledScore,
} from './bootstrap.js';
export { chrf, type ChrfOptions } from './chrf.js';
export {
  accuracy,
  classificationReport,
  confusionMatrix,
  type ClassificationReport,
  type ClassScores,
  type ConfusionMatrix,
} from './classification.js';
export { characterErrorRate, wordErrorRate, type ErrorRateScore } from './error-rate.js';
export {
  textMetricNamed,
  textMetricNames,
  type TextMetricName,
  type TextMetricOptions,
} from './named-metric.js';
export { bitsPerByte, perplexity } from './perplexity.js';
export { spanF1, spansOf, type LabelledSpan, type SpanScores } from './span-f1.js';
export {
  meanNdcg,
  meanRecallAtK,
  meanReciprocalRank,
  ndcg,
  recallAtK,
  reciprocalRank,
  type GradedRanking,
  type NdcgOptions,
  type Ranking,
} from './ranking.js';
export { meanAbsoluteError, rootMeanSquaredError } from './regression.js';
export { rouge, type RougeOptions, type RougeScore, type RougeType } from './rouge.js';
export { segmentWords, type RougeTokenizerName, type WordSegmenter } from './rouge-tokenizer.js';
export { exactMatch, normalizeAnswer, tokenF1 } from './squad.js';
export { ter, type TerOptions, type TerScore } from './ter.js';
export {
  referencesBySegment,
  scoreCorpus,
  scoreSegments,
  segmentStatistics,
  signature,
  type References,
  type Score,
  type Statistics,
  type TextMetric,
} from './text-metric.js';
