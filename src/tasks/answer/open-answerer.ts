// A question answerer whose tokenizer and model are known: how it learns, answers and is evaluated. Knows nothing of files.
import { z } from 'zod';
import type { JsonObject } from '../../checkpoint/index.js';
import type { TensorData as Values } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Row, RowBatch } from '../../data/index.js';
import type { Tensor } from '../../engine/graph.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type {
  QuestionedContexts,
  SpanExtractorParameters,
  SpanTargets,
} from '../../models/span-extractor.js';
import type { ScoredSpan } from '../../text/index.js';
import type { ExampleModel, Examples, Named, Validation } from '../../train/index.js';
import type { OpenTask, OpenTaskOptions } from '../tune/task.js';
import type { TextInContext } from '../tune/text-in-context.js';
import type { TokenSpan, Window } from './windows.js';
import { isJsonObject } from '../../checkpoint/index.js';
import { CheckpointError } from '../../core/errors.js';
import { TensorData } from '../../core/tensor-data.js';
import { ignoredTarget } from '../../data/index.js';
import { exactMatch, scoreCorpus, tokenF1 } from '../../metrics/index.js';
import { SpanExtractor } from '../../models/span-extractor.js';
import { mergeSpans } from '../../text/index.js';
import { bestSpans } from './best-spans.js';
import { answersOf, findAnswer } from './find-answer.js';
import { SpanScorer } from './span-scorer.js';
import { bestThreshold } from './threshold.js';
import { textInContext } from '../tune/text-in-context.js';
import { textSpanOf, tokensOf, Windows } from './windows.js';

const detailsSchema = z.strictObject({
  questionLength: z.int().positive(),
  overlap: z.int().nonnegative(),
  answerLength: z.int().positive(),
  /** Whether some rows to learn from had no answer: otherwise there always is one. */
  mayLackAnswer: z.boolean(),
});

const finishedSchema = z.looseObject({ threshold: z.number() });

/** A stretch of a context that may be the answer. */
export interface FoundAnswer extends ScoredSpan {
  readonly text: string;
}

/** What was found for one question. */
export interface AnswerCandidates {
  /** The best stretches that do not overlap, the best first. */
  readonly spans: readonly FoundAnswer[];
  /** Score of the best minus that of there being none. */
  readonly confidence: number;
}

/** Stretches of each window that are looked at further. */
const perWindow = 5;

export class OpenAnswerer implements OpenTask {
  readonly extractor: SpanExtractor;
  readonly windows: Windows;
  readonly model: ExampleModel;
  readonly mayLackAnswer: boolean;
  /** Confidence above which there is an answer. */
  readonly threshold: number;
  private readonly answerLength: number;
  /** Columns whose texts stand in front of questions. */
  private readonly before: readonly string[];

  /** @throws {CheckpointError} when the run's model is not that of this task */
  constructor({ model, details, tokenizer, context, finished }: OpenTaskOptions) {
    const encoder = isJsonObject(model) ? model['encoder'] : undefined;
    if (!isJsonObject(encoder)) {
      throw new CheckpointError('The run does not say which encoder answers. Restore its config.json.');
    }
    this.extractor = new SpanExtractor(encoder);
    const { answerLength, mayLackAnswer, ...sizes } = detailsSchema.parse(details);
    this.answerLength = answerLength;
    this.mayLackAnswer = mayLackAnswer;
    this.threshold = finished === undefined ? 0 : finishedSchema.parse(finished).threshold;
    this.windows = new Windows({ ...sizes, tokenizer, maxLength: this.extractor.config.maxLength });
    this.model = exampleModel(this.extractor);
    this.before = context;
  }

  /** Every window of every row is an example: where the answer is not inside, there is none. */
  examples(rows: readonly Row[]): Examples {
    const examples = rows.flatMap((row) => {
      const answer = findAnswer(row);
      return this.windowsOf(row).map((window) => ({ window, target: tokensOf(window, answer) }));
    });
    return {
      lengths: examples.map(({ window }) => window.ids.length),
      tensors: (batch) => {
        const own = batch.rows.flatMap((row) => examples[row] ?? []);
        const windows = own.map(({ window }) => window);
        return {
          ...this.windows.tensors(windows, batch),
          ...targetsOf(
            own.map(({ target }) => target),
            batch,
          ),
        };
      },
    };
  }

  validation(rows: readonly Row[], runtime: Runtime): Validation & { dispose(): Promise<void> } {
    const scorer = new SpanScorer(runtime, this.extractor, this.windows);
    return {
      metric: 'f1',
      higherIsBetter: true,
      measure: async (parameters) => this.scores(rows, await this.answerRows(rows, parameters, scorer)),
      dispose: () => scorer.dispose(),
    };
  }

  async evaluate(rows: readonly Row[], parameters: Tree<Values>, runtime: Runtime): Promise<JsonObject> {
    const found = await this.answerOnce(rows, parameters, runtime);
    const without = rows.filter((row) => answersOf(row).length === 0).length;
    return {
      ...this.scores(rows, found),
      rows: rows.length,
      withoutAnswer: without,
      threshold: this.threshold,
    };
  }

  /** Fits the confidence below which it is better not to answer. */
  async finish(rows: readonly Row[], parameters: Tree<Values>, runtime: Runtime): Promise<JsonObject> {
    if (!this.mayLackAnswer) return { threshold: 0 };
    const found = await this.answerOnce(rows, parameters, runtime);
    const metric = tokenF1();
    const trials = found.map(({ spans, confidence }, i) => {
      const references = answersOrNone(rows[i]);
      const scoreOf = (answer: string): number => scoreCorpus(metric, [answer], [references]).score;
      return { confidence, answered: scoreOf(spans[0]?.text ?? ''), silent: scoreOf('') };
    });
    return { threshold: bestThreshold(trials) };
  }

  /** The answer that is given: none where the model has learned that there may be none and is not confident. */
  chosen({ spans, confidence }: AnswerCandidates, threshold = this.threshold): FoundAnswer | undefined {
    return this.mayLackAnswer && confidence <= threshold ? undefined : spans[0];
  }

  /** Answers questions on contexts of any length. */
  async candidates(
    questions: readonly { readonly question: TextInContext; readonly context: string }[],
    parameters: Tree<Values>,
    scorer: SpanScorer,
    count = 1,
  ): Promise<readonly AnswerCandidates[]> {
    const windows = questions.map(({ question, context }) => this.windows.of(question, context));
    const logits = await scorer.score(parameters, windows.flat());
    let place = 0;
    return questions.map(({ context }, i) => {
      const nulls: number[] = [];
      const found = (windows[i] ?? []).map((window) => {
        const { start, end } = logits[place++] ?? { start: [], end: [] };
        nulls.push((start[0] ?? 0) + (end[0] ?? 0));
        return { chunk: window.chunk, spans: this.spansIn(window, start, end) };
      });
      const merged = mergeSpans(found, count);
      // There is no answer when every window says so: the lowest is the one that doubts it most.
      const confidence = (merged[0]?.score ?? -Infinity) - Math.min(...nulls);
      return {
        spans: merged.map(({ start, end, score }) => ({
          start,
          end,
          score,
          text: context.slice(start, end),
        })),
        confidence,
      };
    });
  }

  private spansIn(window: Window, start: ArrayLike<number>, end: ArrayLike<number>): readonly ScoredSpan[] {
    const { contextStart: from, ids } = window;
    const search = { from, to: ids.length - 1, answerLength: this.answerLength, count: perWindow };
    return bestSpans(start, end, search).map((tokens) => {
      const span = textSpanOf(window, tokens);
      return { start: span.start, end: span.end, score: tokens.score };
    });
  }

  private windowsOf(row: Row): readonly Window[] {
    return this.windows.of(this.questionOf(row), row.values['context'] ?? '');
  }

  private questionOf(row: Row): TextInContext {
    return textInContext(row, 'question', this.before);
  }

  private async answerOnce(
    rows: readonly Row[],
    parameters: Tree<Values>,
    runtime: Runtime,
  ): Promise<readonly AnswerCandidates[]> {
    const scorer = new SpanScorer(runtime, this.extractor, this.windows);
    try {
      return await this.answerRows(rows, parameters, scorer);
    } finally {
      await scorer.dispose();
    }
  }

  private answerRows(
    rows: readonly Row[],
    parameters: Tree<Values>,
    scorer: SpanScorer,
  ): Promise<readonly AnswerCandidates[]> {
    const questions = rows.map((row) => ({
      question: this.questionOf(row),
      context: row.values['context'] ?? '',
    }));
    return this.candidates(questions, parameters, scorer);
  }

  /** Exact match and token F1, in [0, 1]. */
  private scores(rows: readonly Row[], found: readonly AnswerCandidates[]) {
    const answers = found.map((candidates) => this.chosen(candidates)?.text ?? '');
    const references = rows.map(answersOrNone);
    const scored = [exactMatch(), tokenF1()].map((metric) => scoreCorpus(metric, answers, references).score);
    return { f1: scored[1] ?? 0, exactMatch: scored[0] ?? 0 };
  }
}

function answersOrNone(row: Row | undefined): readonly string[] {
  const answers = row === undefined ? [] : answersOf(row);
  return answers.length === 0 ? [''] : answers;
}

function targetsOf(
  targets: readonly TokenSpan[],
  { batchSize }: RowBatch,
): SpanTargets<Values> & Named<Values> {
  const filled = (of: (target: TokenSpan) => number): Values => {
    const data = new Int32Array(batchSize).fill(ignoredTarget);
    targets.forEach((target, i) => (data[i] = of(target)));
    return new TensorData('int32', [batchSize], data);
  };
  return { starts: filled(({ first }) => first), ends: filled(({ last }) => last) };
}

function exampleModel(extractor: SpanExtractor): ExampleModel {
  return {
    init: (random) => extractor.init(random) as unknown as Tree<Values>,
    loss: (parameters, batch, key) =>
      extractor.loss(
        parameters as unknown as SpanExtractorParameters<Tensor>,
        batch as unknown as QuestionedContexts<Tensor> & SpanTargets<Tensor>,
        key,
      ),
  };
}
