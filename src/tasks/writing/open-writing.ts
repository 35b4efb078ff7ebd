// A task that writes, ready to learn, to validate and to be evaluated. Knows no particular task: its roles and metrics are given.
import { z } from 'zod';
import type { JsonObject } from '../../checkpoint/index.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Row } from '../../data/index.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { SequenceToSequence } from '../../models/index.js';
import type { ExampleModel, Examples, Named, Validation } from '../../train/index.js';
import type { OpenTask, OpenTaskOptions } from '../tune/task.js';
import type { TextInContext } from '../tune/text-in-context.js';
import type { DecodingChoices } from './decoding.js';
import { parseConfig } from '../../core/parse-config.js';
import { createSequenceToSequence } from '../../models/create-sequence-to-sequence.js';
import { exactPairModel, pairExamples, pairModel } from './pair-examples.js';
import { usualTokens } from './pair-lengths.js';
import { PairEncoder } from './pair-tokens.js';
import { rewardSchema } from './recipe.js';
import { RewardExamples } from './reward-examples.js';
import { TextWriter } from './text-writer.js';

/** Scores of texts that were written. */
export interface WritingScores {
  /** The first one validates, or the one that is the reward. */
  readonly scores: Named<number>;
  /** What the scores were computed with, by their names. */
  readonly signatures: Readonly<Record<string, string>>;
}

/** What a task that writes is about. */
export interface WritingRoles {
  readonly source: string;
  readonly target: string;
  /** Roles that may hold further references. */
  readonly references: readonly string[];
  /** How texts are chosen where nobody says. */
  readonly decoding: DecodingChoices;
  /** @param references at least one for each hypothesis */
  score(
    hypotheses: readonly string[],
    references: readonly (readonly string[])[],
    lowercase: boolean,
  ): WritingScores;
}

/** Which of a task's scores a reward is, where it is one of them. */
const scoreOfReward = { 'rouge-l': 'rougeL', bleu: 'bleu' } as const;

const detailsSchema = z.object({
  lowercase: z.boolean(),
  maxSourceTokens: z.int(),
  maxTargetTokens: z.int(),
  labelSmoothing: z.number(),
  validationRows: z.int(),
  validationBeams: z.int(),
  reward: rewardSchema.nullable(),
  lengths: z.object({ longestSource: z.int(), longestTarget: z.int(), growth: z.number() }),
});

/** What a run remembers beside its model. */
export type WritingDetails = z.output<typeof detailsSchema>;

export class OpenWriting implements OpenTask {
  readonly model: ExampleModel;
  readonly encoder: PairEncoder;
  readonly details: WritingDetails;
  readonly roles: WritingRoles;
  readonly network: SequenceToSequence;

  /** @throws {ConfigError} when what the run remembers is not what this task wrote */
  constructor({ model, details, tokenizer, context }: OpenTaskOptions, roles: WritingRoles) {
    this.details = parseConfig(detailsSchema, details, 'What the run says of its task');
    this.roles = roles;
    this.network = createSequenceToSequence(model as JsonObject);
    this.encoder = new PairEncoder(tokenizer, { ...this.details, context });
    const { reward, labelSmoothing } = this.details;
    this.model = reward === null ? pairModel(this.network, labelSmoothing) : exactPairModel(this.network);
  }

  examples(rows: readonly Row[], runtime?: Runtime): Examples {
    const { source, target } = this.roles;
    const { reward } = this.details;
    const pairs = rows.map((row) => this.encoder.pair(row, source, target));
    if (reward === null || runtime === undefined) return pairExamples(pairs, this.encoder.ids);
    const texts = rows.map((row) => ({
      source: this.encoder.sourceOf(row, source),
      references: this.referencesOf(row),
    }));
    const open = (parameters: Tree<TensorData>): Promise<TextWriter> => this.writer(parameters, runtime);
    return new RewardExamples({ pairs, texts, ids: this.encoder.ids, reward, open });
  }

  validation(rows: readonly Row[], runtime: Runtime): Validation & { dispose(): Promise<void> } {
    const some = rows.slice(0, this.details.validationRows);
    const options = { beams: this.details.validationBeams };
    let writer: TextWriter | undefined;
    const names = Object.keys(this.scored([''], some.slice(0, 1)).scores);
    const rewarded = this.details.reward && scoreOfReward[this.details.reward.metric];
    const metric = names.find((name) => name === rewarded) ?? names[0] ?? '';
    return {
      metric,
      higherIsBetter: true,
      measure: async (parameters) => {
        if (writer === undefined) writer = await this.writer(parameters, runtime);
        else await writer.replace(parameters);
        const written = await writer.write(this.sourcesOf(some), options);
        return this.scored(
          written.map(({ text }) => text),
          some,
        ).scores;
      },
      dispose: async () => writer?.dispose(),
    };
  }

  async evaluate(rows: readonly Row[], parameters: Tree<TensorData>, runtime: Runtime): Promise<JsonObject> {
    const writer = await this.writer(parameters, runtime);
    try {
      const written = await writer.write(this.sourcesOf(rows));
      const hypotheses = written.map(({ text }) => text);
      const { scores, signatures } = this.scored(hypotheses, rows);
      const cutOff = written.filter(({ finish }) => finish === 'length').length;
      return { ...scores, rows: rows.length, cutOff, signatures: { ...signatures } };
    } finally {
      await writer.dispose();
    }
  }

  /** The model on a device. */
  writer(parameters: Tree<TensorData>, runtime: Runtime): Promise<TextWriter> {
    return TextWriter.load(runtime, parameters, {
      model: this.network,
      encoder: this.encoder,
      usualTokens: (tokens) => usualTokens(this.details.lengths, tokens),
      decoding: this.roles.decoding,
    });
  }

  private sourcesOf(rows: readonly Row[]): TextInContext[] {
    return rows.map((row) => this.encoder.sourceOf(row, this.roles.source));
  }

  private scored(hypotheses: readonly string[], rows: readonly Row[]): WritingScores {
    return this.roles.score(
      hypotheses,
      rows.map((row) => this.referencesOf(row)),
      this.details.lowercase,
    );
  }

  /** @throws {DataError} when the row has none, with its line */
  referencesOf(row: Row): string[] {
    const { source, target, references } = this.roles;
    this.encoder.pair(row, source, target);
    return [target, ...references]
      .map((role) => row.values[role]?.trim() ?? '')
      .filter((text) => text !== '');
  }
}
