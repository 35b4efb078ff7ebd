// From text to a tokenizer and token files in a run's folder. Knows nothing of models.
import type { Files } from '../../core/files.js';
import type { TextSource, TokenFile, TokenizeProgress, Tokens, TokenSplit } from '../../data/index.js';
import type {
  TextPieces,
  Tokenizer,
  TokenizerTrainingOptions,
  TokenizerTrainingProgress,
} from '../../text/index.js';
import type { TokenizerRecipe } from './recipe.js';
import { DataError } from '../../core/errors.js';
import {
  openTokenFile,
  splitTokens,
  textsOf,
  tokenizerFingerprint,
  tokenizeToFile,
} from '../../data/index.js';
import {
  tokenizerFromJSON,
  trainBpe,
  trainCharacterTokenizer,
  trainUnigram,
  trainWordPiece,
  trainWordTokenizer,
} from '../../text/index.js';

/** How far the preparation has come. */
export type PreparationEvent =
  | ({ readonly kind: 'tokenizer' } & TokenizerTrainingProgress)
  | ({ readonly kind: 'tokenizing'; readonly source: string } & TokenizeProgress);

export interface PreparationOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: PreparationEvent) => void) | undefined;
}

/** The texts of a run. */
export interface Texts {
  readonly train: TextSource;
  /** Validates instead of the last part of `train`. */
  readonly validation?: TextSource | undefined;
}

/** Learns a tokenizer from a text, or reads one. @throws {DataError} when the text is empty or malformed */
export async function prepareTokenizer(
  files: Files,
  recipe: TokenizerRecipe,
  text: TextSource,
  { signal, onEvent }: PreparationOptions,
): Promise<Tokenizer> {
  return learnTokenizer(files, recipe, textsOf(text), {
    onProgress: (progress) => onEvent?.({ kind: 'tokenizer', ...progress }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Learns the tokenizer of a recipe from pieces of text, or reads one. @throws {DataError} when the text is empty or malformed */
export async function learnTokenizer(
  files: Files,
  recipe: TokenizerRecipe,
  pieces: TextPieces,
  control: TokenizerTrainingOptions = {},
): Promise<Tokenizer> {
  if (recipe.kind === 'file') return tokenizerFromJSON(await files.readText(recipe.path));
  return trainTokenizer(pieces, recipe, control);
}

type TrainedTokenizerRecipe = Exclude<TokenizerRecipe, { readonly kind: 'file' }>;

/** Learns the tokenizer that a recipe asks for. */
async function trainTokenizer(
  pieces: TextPieces,
  recipe: TrainedTokenizerRecipe,
  control: TokenizerTrainingOptions,
): Promise<Tokenizer> {
  switch (recipe.kind) {
    case 'character': {
      const { kind: _, unknownToken, ...options } = recipe;
      const unknown = unknownToken === undefined ? {} : { unknownToken };
      return trainCharacterTokenizer(pieces, { ...options, ...unknown, ...control });
    }
    case 'word':
      return trainWordTokenizer(pieces, {
        ...recipe,
        endOfLineToken: recipe.endOfLineToken ?? undefined,
        ...control,
      });
    case 'word-piece': {
      const { lowercase } = recipe;
      const normalization = { lowercase, stripAccents: lowercase };
      return trainWordPiece(pieces, { ...recipe, normalization, ...control });
    }
    case 'unigram':
      return trainUnigram(pieces, { ...recipe, ...control });
    case 'byte-level-bpe':
      return trainBpe(pieces, { ...recipe, ...control });
  }
}

const tokenFile = { train: 'train.tokens', validation: 'validation.tokens' } as const;
type Part = keyof typeof tokenFile;

/** Writes the token files of a run. Replaces what was there. @throws {DataError} when a text is empty or malformed */
export async function tokenizeTexts(
  files: Files,
  folder: string,
  texts: Texts,
  tokenizer: Tokenizer,
  { signal, onEvent }: PreparationOptions,
): Promise<void> {
  for (const part of ['train', 'validation'] as const) {
    const source = texts[part];
    const path = `${folder}/${tokenFile[part]}`;
    if (source === undefined) await files.remove(path);
    else
      await tokenizeToFile(files, path, source, tokenizer, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (progress) => onEvent?.({ kind: 'tokenizing', source: source.name, ...progress }),
      });
  }
}

/** The tokens of a run, open. */
export interface RunTokens {
  readonly split: TokenSplit;
  close(): Promise<void>;
}

/** Whether the token files of a run are all there. */
export async function hasTokens(files: Files, folder: string, parts: readonly Part[]): Promise<boolean> {
  const found = await Promise.all(parts.map((part) => files.info(`${folder}/${tokenFile[part]}`)));
  return found.every((info) => info !== undefined);
}

/** @throws {DataError} when a token file is missing, damaged, or was made with another tokenizer */
export async function openTokens(
  files: Files,
  folder: string,
  tokenizer: Tokenizer,
  validationFraction: number,
): Promise<RunTokens> {
  const train = await openPart(files, folder, 'train', tokenizer);
  if (!(await hasTokens(files, folder, ['validation']))) {
    return { split: splitTokens(train, validationFraction), close: () => train.close() };
  }
  const validation = await openPart(files, folder, 'validation', tokenizer);
  const close = async (): Promise<void> => {
    await train.close();
    await validation.close();
  };
  return { split: { train, validation }, close };
}

async function openPart(files: Files, folder: string, part: Part, tokenizer: Tokenizer): Promise<TokenFile> {
  const path = `${folder}/${tokenFile[part]}`;
  const tokens = await openTokenFile(files, path);
  if (tokens.fingerprint === (await tokenizerFingerprint(tokenizer))) return tokens;
  await tokens.close();
  throw new DataError(`"${path}" was made with another tokenizer. Delete it, and resume with --data.`, {
    fields: { path },
  });
}

/** Removes the token files of a run. */
export async function removeTokens(files: Files, folder: string): Promise<void> {
  for (const name of Object.values(tokenFile)) await files.remove(`${folder}/${name}`);
}

const pieceLength = 1 << 16;

/**
 * UTF-8 bytes of the text that the tokens after the first stand for: those that a model predicts. Special tokens stand
 * for no text.
 */
export async function predictedBytes(tokens: Tokens, tokenizer: Tokenizer): Promise<number> {
  const special = new Set(tokenizer.specialTokens.values());
  const encoder = new TextEncoder();
  const decoder = tokenizer.streamDecoder();
  let bytes = 0;
  for (let start = 1; start < tokens.count; start += pieceLength) {
    const ids = new Int32Array(Math.min(pieceLength, tokens.count - start));
    await tokens.read(start, ids);
    const text: string[] = [];
    for (const id of ids) if (!special.has(id)) text.push(decoder.push(id));
    bytes += encoder.encode(text.join('')).length;
  }
  return bytes + encoder.encode(decoder.end()).length;
}
