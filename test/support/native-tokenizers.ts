// Oracle of the tokenizer tests: the native Hugging Face library, and text to try it on.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  BPE,
  byteLevelPreTokenizer,
  metaspacePreTokenizer,
  type Model,
  Tokenizer,
  Unigram,
  whitespaceSplitPreTokenizer,
  WordLevel,
} from 'tokenizers';

/** What the native library makes of a text with the training it has by default, in a folder that is gone afterwards. */
function trainModel(tokenizer: Tokenizer, text: string): Record<string, unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'mneme-tokenizer-'));
  try {
    writeFileSync(join(folder, 'text.txt'), text);
    tokenizer.train([join(folder, 'text.txt')]);
    tokenizer.save(join(folder, 'tokenizer.json'));
    return JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8')).model;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A byte-level BPE as the native library trains it: on the lines of the text, up to 30,000 tokens, no minimum frequency. */
export function trainNatively(text: string): { vocab: Record<string, number>; merges: [string, string][] } {
  const tokenizer = new Tokenizer(BPE.empty());
  tokenizer.setPreTokenizer(byteLevelPreTokenizer(false));
  const { vocab, merges } = trainModel(tokenizer, text);
  return { vocab: vocab as Record<string, number>, merges: merges as [string, string][] };
}

/** The words between white space in the order of their ids, as the native library trains a `WordLevel` model. */
export function trainWordsNatively(text: string): string[] {
  // Its model has the type of models at run time only.
  const tokenizer = new Tokenizer(WordLevel.empty() as unknown as Model);
  tokenizer.setPreTokenizer(whitespaceSplitPreTokenizer());
  const { vocab } = trainModel(tokenizer, text);
  return Object.entries(vocab as Record<string, number>)
    .sort(([, a], [, b]) => a - b)
    .map(([word]) => word);
}

/** Pieces and scores as the native library trains a `Unigram` model on words that spaces part: 8,000 pieces at most. */
export function trainUnigramNatively(text: string): { vocab: [string, number][] } {
  const tokenizer = new Tokenizer(Unigram.empty());
  tokenizer.setPreTokenizer(metaspacePreTokenizer());
  return { vocab: trainModel(tokenizer, text)['vocab'] as [string, number][] };
}

/** The ids that the native library gives a text. */
export async function nativeIds(json: unknown, text: string): Promise<number[]> {
  const tokenizer = Tokenizer.fromString(JSON.stringify(json));
  return (await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds();
}

/** The lines of a text with their line breaks: the pieces in which the native library reads a file. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

const sharedData = new URL('../../../shared/data/', import.meta.url);

export interface SharedText {
  readonly name: string;
  readonly present: boolean;
  read(): string;
}

/** A text of the shared data folder beside the repository, plain or gzipped; it may be absent. */
export function sharedText(name: string): SharedText {
  const url = new URL(name, sharedData);
  const read = (): string => {
    const bytes = readFileSync(url);
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  };
  return { name, present: existsSync(url), read };
}
