// Public names of data: sources of text, token files, splits, batches, tasks that measure memory.
export type { BabiTask, StoryQuestion } from './babi.js';
export { parseBabi, readBabiTask } from './babi.js';
export type { Batch, BatchPosition, BatchSize, TrainingBatch, TrainingBatchOptions } from './batches.js';
export {
  evaluationBatchCount,
  evaluationBatches,
  ignoredTarget,
  streamBatches,
  streamLength,
  TrainingBatches,
} from './batches.js';
export type { BlockOrderName, Blocks } from './blocks.js';
export { blockOrderNames, blocksPerEpoch, requireBlocks } from './blocks.js';
export { tokenizerFingerprint } from './fingerprint.js';
export { conll } from './conll.js';
export type { DelimitedOptions } from './delimited.js';
export { delimited } from './delimited.js';
export { detectEncoding, encodingNamed } from './encoding.js';
export { folder, textExtensions } from './folder.js';
export { jsonl } from './jsonl.js';
export type { ClassShare, StratifiedSplit } from './labels.js';
export { classBalance, LabelSet, stratifiedSplit } from './labels.js';
export type { MaskedRow, MaskingOptions } from './masking.js';
export { maskingOf, maskTokens, wordsOfIds, wordsOfText, wordsOfTokens } from './masking.js';
export { isTable, openRecords } from './open-records.js';
export type { OpenSourceOptions } from './open-source.js';
export { openSource } from './open-source.js';
export type { AssociativeRecallOptions } from './recall-tasks/associative-recall.js';
export { associativeRecall } from './recall-tasks/associative-recall.js';
export type { CopyOptions } from './recall-tasks/copy.js';
export { copy, selectiveCopy } from './recall-tasks/copy.js';
export type { NeedleOptions } from './recall-tasks/needle.js';
export { mostNeedles, needle, needleAlphabet, shortestHaystack } from './recall-tasks/needle.js';
export type { RecallBatch, RecallExample, RecallTask } from './recall-tasks/recall-task.js';
export { recallBatch } from './recall-tasks/recall-task.js';
export { parallelText } from './parallel.js';
export { parquet } from './parquet.js';
export type { Passage, RowsOfPassage, WritePassagesOptions } from './passages.js';
export { passagesOf, TokenRows, writePassages } from './passages.js';
export type {
  BucketOptions,
  Buckets,
  PaddedRows,
  RowBatch,
  RowBatchOptions,
  TrainingRowBatch,
} from './row-batches.js';
export { bucketsFor, padRows, RowBatches, rowBatchesOnce } from './row-batches.js';
export type { ColumnMapping, Row, RowOptions, RowReport } from './rows.js';
export { describeRows, readRows, RowReader, withProblems } from './rows.js';
export type { DataRecord, RecordOptions, RecordSource, TextPiece, TextSource } from './source.js';
export { textsOf } from './source.js';
export type { TokenSplit } from './split.js';
export { splitTokens } from './split.js';
export { textField } from './text-field.js';
export { textFile } from './text-file.js';
export { spool, textStream } from './text-stream.js';
export type { OpenTokenFileOptions, TokenFile, TokenWriter } from './token-file.js';
export type { TokenFileHeader } from './token-file-format.js';
export { createTokenFile, openTokenFile } from './token-file.js';
export type { EncodedPiece, TokenizedText, TokenizeOptions, TokenizeProgress } from './tokenize.js';
export { encodedPieces, endOfTextId, tokenizeToFile } from './tokenize.js';
export type { TokenArray, Tokens } from './tokens.js';
export { tokenRange, tokensInMemory } from './tokens.js';
