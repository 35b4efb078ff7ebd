// Answers questions on texts of any length with a trained run. Knows nothing of terminals.
import type { Surroundings } from '../surroundings.js';
import type { SavedTask } from '../tune/load.js';
import type { UseRunOptions } from '../tune/use-run.js';
import type { AnswerCandidates, FoundAnswer, OpenAnswerer } from './open-answerer.js';
import { UsageError } from '../../core/errors.js';
import { useRun } from '../tune/use-run.js';
import { SpanScorer } from './span-scorer.js';

export interface Question {
  readonly question: string;
  /** What stands in front of the question, the furthest first, for runs that were trained with `--context`. */
  readonly before?: readonly string[] | undefined;
  /** The text that may hold the answer. */
  readonly context: string;
}

export interface AnswerOptions {
  /** Stretches that are given, the best first; 1 by default. */
  readonly count?: number | undefined;
  /** Confidence above which there is an answer. Default: what was fitted when training ended. */
  readonly threshold?: number | undefined;
}

export interface Answer {
  /** `null`: the text does not say. */
  readonly answer: string | null;
  /** Where it stands: `context.slice(start, end)`; `null` where there is none. */
  readonly start: number | null;
  readonly end: number | null;
  /** Score of the best stretch minus that of there being no answer: logits, comparable between questions. */
  readonly confidence: number;
  /** The best stretches, whether or not the model trusts them. */
  readonly candidates: readonly FoundAnswer[];
}

/** A loaded run that answers. Its `dispose` frees what it holds of the runtime, not the runtime. */
export class Answerer {
  private readonly saved: SavedTask;
  private readonly opened: OpenAnswerer;
  private readonly scorer: SpanScorer;

  private constructor(saved: SavedTask, { runtime }: Pick<Surroundings, 'runtime'>) {
    this.saved = saved;
    this.opened = saved.opened as OpenAnswerer;
    this.scorer = new SpanScorer(runtime, this.opened.extractor, this.opened.windows);
  }

  /** @param saved of the task answer */
  static open(saved: SavedTask, surroundings: Pick<Surroundings, 'runtime'>): Answerer {
    return new Answerer(saved, surroundings);
  }

  /**
   * Long contexts are read in chunks that overlap, and the best stretch of all counts.
   * @throws {UsageError} when the question or the context is empty
   */
  async answer(
    { question, before = [], context }: Question,
    { count, threshold }: AnswerOptions = {},
  ): Promise<Answer> {
    requireText('question', question);
    requireText('context', context);
    const [found] = await this.opened.candidates(
      [{ question: { text: question, context: before }, context }],
      this.saved.parameters,
      this.scorer,
      count,
    );
    const { spans, confidence }: AnswerCandidates = found ?? { spans: [], confidence: -Infinity };
    const chosen = this.opened.chosen({ spans, confidence }, threshold);
    const { text: answer = null, start = null, end = null } = chosen ?? {};
    return { answer, start, end, confidence, candidates: spans };
  }

  dispose(): Promise<void> {
    return this.scorer.dispose();
  }
}

/** @throws {UsageError} */
function requireText(what: string, text: string): void {
  if (text.trim() !== '') return;
  throw new UsageError(`The ${what} is empty. Give some text.`, { fields: { what } });
}

export interface AnswerRunOptions extends AnswerOptions, UseRunOptions {}

/**
 * The answer to a question in a text. For many questions open an `Answerer`: the run is read anew with each call.
 *
 * @param run the folder of a run of the task answer
 * @throws {CheckpointError} when there is no such run, with the command that makes one
 * @throws {UsageError} when the question or the context is empty
 *
 * @example
 * const { answer: color } = await answer('runs/answers', { question: 'What color is the mat?', context: text });
 */
export async function answer(
  run: string,
  question: Question,
  { count, threshold, ...options }: AnswerRunOptions = {},
): Promise<Answer> {
  return useRun(
    { run, task: 'answer', open: async (saved, own) => Answerer.open(saved, own) },
    options,
    (answerer) => answerer.answer(question, { count, threshold }),
  );
}
