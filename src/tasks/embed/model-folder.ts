// Reads a sentence encoder from a folder laid out as on the Hugging Face hub. Knows nothing of how it runs.
import { z } from 'zod';
import type { TensorData } from '../../core/tensor-data.js';
import type { Files } from '../../core/files.js';
import type { EncoderConfig } from '../../models/encoder-config.js';
import type { EncoderParameters } from '../../models/encoder.js';
import type { Tokenizer } from '../../text/index.js';
import type { Pooling } from './pooling.js';
import { openSafetensors } from '../../checkpoint/index.js';
import { parseJson } from '../../checkpoint/json.js';
import { CheckpointError, ConfigError } from '../../core/errors.js';
import { parseConfig } from '../../core/parse-config.js';
import { parseBertConfig, readBertParameters } from '../../models/import/bert.js';
import { tokenizerFromJSON } from '../../text/index.js';

/** Files of a folder. The last one is the largest; a folder that holds it is complete when files arrive in this order. */
export const modelFiles = {
  optional: [
    'modules.json',
    'sentence_bert_config.json',
    'config_sentence_transformers.json',
    'tokenizer_config.json',
    '1_Pooling/config.json',
  ],
  required: ['config.json', 'tokenizer.json', 'model.safetensors'],
} as const;

/** What a folder says of a sentence encoder. */
export interface SentenceModel {
  readonly config: EncoderConfig;
  readonly parameters: EncoderParameters<TensorData>;
  readonly tokenizer: Tokenizer;
  readonly pooling: Pooling;
  /** Whether the model's own vectors have length 1. */
  readonly normalized: boolean;
  /** Tokens of the longest sequence, those that mark its ends included. */
  readonly maxTokens: number;
  /** What the model was trained to see before a text, by its use, such as `query`. */
  readonly prompts: Readonly<Record<string, string>>;
}

/**
 * Reads `config.json`, `tokenizer.json` and `model.safetensors`, and the files of sentence-transformers where they are there:
 * `modules.json` with the pooling, `sentence_bert_config.json` or `tokenizer_config.json` with the longest sequence, and
 * `config_sentence_transformers.json` with prompts. Without `modules.json`, vectors are means, not normalized.
 *
 * @throws {CheckpointError} when a tensor is missing or does not fit, or a file is damaged
 * @throws {ConfigError} when the model is of a kind that Mneme does not have
 * @throws {StorageError} when a file that is needed is not there
 */
export async function readSentenceModel(files: Files, folder: string): Promise<SentenceModel> {
  const layout = parseBertConfig(
    parseJson(await files.readText(`${folder}/config.json`), `${folder}/config.json`),
  );
  const tokenizer = tokenizerFromJSON(await files.readText(`${folder}/tokenizer.json`));
  checkVocabulary(tokenizer, layout.config, folder);
  const settings = async <S extends z.ZodType>(name: string, schema: S): Promise<z.output<S>> =>
    parseConfig(schema, await optionalJson(files, `${folder}/${name}`), `"${folder}/${name}"`);
  const modules = await settings('modules.json', modulesSchema);
  const { max_seq_length } = await settings('sentence_bert_config.json', lengthSchema);
  const { model_max_length } = await settings('tokenizer_config.json', tokenizerSchema);
  const { prompts } = await settings('config_sentence_transformers.json', promptsSchema);
  const { kinds, poolingFolder } = readModules(modules, folder);
  const pooling = await settings(`${poolingFolder}/config.json`, poolingSchema);
  const file = await openSafetensors(files, `${folder}/model.safetensors`);
  try {
    return {
      config: layout.config,
      parameters: await readBertParameters(file, layout),
      tokenizer,
      pooling,
      normalized: kinds.includes('Normalize'),
      maxTokens: Math.min(max_seq_length ?? model_max_length ?? Infinity, layout.config.maxLength),
      prompts,
    };
  } finally {
    await file.close();
  }
}

/** What a JSON file holds; an empty object where there is no file. */
async function optionalJson(files: Files, path: string): Promise<unknown> {
  return (await files.info(path)) === undefined ? {} : parseJson(await files.readText(path), path);
}

const lengthSchema = z.object({ max_seq_length: z.int().positive().nullish() });
/** "No limit" is written as a number far beyond all integers. */
const tokenizerSchema = z.object({ model_max_length: z.number().positive().nullish() });
const promptsSchema = z.object({ prompts: z.record(z.string(), z.string()).default({}) });

/** Newer files name the pooling, older ones have a flag for each. */
const poolingSchema = z
  .object({
    pooling_mode: z.string().optional(),
    pooling_mode_cls_token: z.boolean().optional(),
    pooling_mode_mean_tokens: z.boolean().optional(),
    pooling_mode_max_tokens: z.boolean().optional(),
    pooling_mode_mean_sqrt_len_tokens: z.boolean().optional(),
    pooling_mode_weightedmean_tokens: z.boolean().optional(),
    pooling_mode_lasttoken: z.boolean().optional(),
  })
  .transform(({ pooling_mode, ...flags }, context): Pooling => {
    const flagged = Object.entries(flags).filter(([, on]) => on);
    const names = flagged.map(([flag]) => flag.replace(/^pooling_mode_|_tokens?$/g, ''));
    const name = pooling_mode ?? (names.length === 0 ? 'mean' : names.join(' + '));
    if (name === 'mean' || name === 'cls') return name;
    context.addIssue(`the pooling is ${name}; Mneme has mean and cls`);
    return z.NEVER;
  });

/** An object stands for a file that is not there. */
const modulesSchema = z.union([
  z.array(z.object({ type: z.string(), path: z.string() })),
  z.object({}).transform(() => undefined),
]);

const knownModules: readonly string[] = ['Transformer', 'Pooling', 'Normalize'];

function readModules(modules: z.output<typeof modulesSchema>, folder: string) {
  const named = (modules ?? []).map(({ type, path }) => ({ path, kind: type.split('.').at(-1) ?? type }));
  const unknown = named.find(({ kind }) => !knownModules.includes(kind));
  if (unknown !== undefined) {
    throw new ConfigError(
      `"${folder}/modules.json" has a module ${unknown.kind}; Mneme runs sentence encoders made of ${knownModules.join(', ')}.`,
      { fields: { module: unknown.kind } },
    );
  }
  const pooling = named.find(({ kind }) => kind === 'Pooling');
  return { kinds: named.map(({ kind }) => kind), poolingFolder: pooling?.path ?? '1_Pooling' };
}

function checkVocabulary(tokenizer: Tokenizer, config: EncoderConfig, folder: string): void {
  if (tokenizer.vocabularySize <= config.vocabularySize) return;
  throw new CheckpointError(
    `"${folder}": tokenizer.json has ${tokenizer.vocabularySize} tokens and config.json ${config.vocabularySize}; they are not of the same model.`,
    { fields: { tokens: tokenizer.vocabularySize, vocabularySize: config.vocabularySize } },
  );
}
