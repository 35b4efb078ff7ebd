// Makes a task of what a task that writes is about: its tokenizer, its model, and where it may go on from. Knows no particular task.
import type { JsonObject } from '../../checkpoint/index.js';
import type { Row } from '../../data/index.js';
import type { Tokenizer } from '../../text/index.js';
import type { Base } from '../tune/base.js';
import type { Role, Task } from '../tune/task.js';
import type { WritingRoles } from './open-writing.js';
import type { WritingRecipe } from './recipe.js';
import { isJsonObject } from '../../checkpoint/index.js';
import { ConfigError } from '../../core/errors.js';
import {
  createSequenceToSequence,
  sequenceToSequenceKinds,
} from '../../models/create-sequence-to-sequence.js';
import { learnTokenizer } from '../language-model/prepare-data.js';
import { textInContext, wholeText } from '../tune/text-in-context.js';
import { OpenWriting } from './open-writing.js';
import { pairLengthsOf } from './pair-lengths.js';
import { PairEncoder } from './pair-tokens.js';
import { modelConfig, pairTokenizer, parseWritingRecipe } from './recipe.js';

/** What differs between tasks that write. */
export interface WritingKind extends WritingRoles {
  readonly name: string;
  readonly summary: string;
  readonly roles: Readonly<Record<string, Role>>;
  readonly presets: Readonly<Record<string, JsonObject>>;
}

export function writingTask(kind: WritingKind): Task<WritingRecipe> {
  const { name, summary, roles, presets } = kind;
  return {
    name,
    summary,
    roles,
    presets,
    bases: sequenceToSequenceKinds,
    contextRole: kind.source,
    parseRecipe: parseWritingRecipe,

    async prepare({ files, recipe, rows, columns, base, signal, onProgress }) {
      if (recipe.model.pairs.reward !== null && base === undefined) throw rewardNeedsBase(name);
      const known = base === undefined ? undefined : pairChoicesOf(base);
      const { lowercase, ...choices } = { ...recipe.model.pairs, ...known };
      const { context } = columns;
      const normalized = textsOf(rows, kind, context).map((text) => (lowercase ? text.toLowerCase() : text));
      const control = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
      const tokenizer =
        base?.tokenizer ?? (await learnTokenizer(files, pairTokenizer(recipe), normalized, control));
      const model = modelOf(recipe, tokenizer, base);
      const network = createSequenceToSequence(model);
      const most = {
        maxSourceTokens: Math.min(choices.maxSourceTokens ?? Infinity, network.maxSourceLength),
        maxTargetTokens: Math.min(choices.maxTargetTokens ?? Infinity, network.maxLength),
      };
      const encoder = new PairEncoder(tokenizer, { lowercase, context, ...most });
      const lengths = pairLengthsOf(rows.map((row) => encoder.pair(row, kind.source, kind.target)));
      return { tokenizer, model, details: { lowercase, ...choices, ...most, lengths: { ...lengths } } };
    },

    initial: ({ base }) => base?.parameters ?? new Map(),

    open: (options) => new OpenWriting(options, kind),
  };
}

/** All texts of both sides, for a vocabulary that they share. */
function textsOf(
  rows: readonly Row[],
  { source, target }: WritingRoles,
  context: readonly string[],
): string[] {
  return rows.flatMap((row) => [
    `${wholeText(textInContext(row, source, context))}\n`,
    `${row.values[target] ?? ''}\n`,
  ]);
}

function rewardNeedsBase(task: string): ConfigError {
  return new ConfigError(
    `A reward improves a run that can write already, and there is none to go on from. Make one first, then: mneme tune RUN --task ${task} --reward METRIC --data FILE --out OTHER`,
  );
}

/** What a base has decided for whoever goes on from it: how it sees texts. */
function pairChoicesOf({ config }: Base): { readonly lowercase?: boolean } {
  const { task, pretraining } = config;
  const choices = isJsonObject(task) ? task['details'] : pretraining;
  const lowercase = isJsonObject(choices) ? choices['lowercase'] : undefined;
  return typeof lowercase === 'boolean' ? { lowercase } : {};
}

/** That of the base, or what the recipe says. */
function modelOf(recipe: WritingRecipe, tokenizer: Tokenizer, base: Base | undefined): JsonObject {
  return base?.model ?? modelConfig(recipe, tokenizer.vocabularySize);
}
