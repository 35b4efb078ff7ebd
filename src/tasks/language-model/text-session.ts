// A trained language model with one text in its memory: it reads, it writes, and what it remembers can be saved and restored.
import type { StateOwner } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { RandomState } from '../../core/random.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { RunOptions, Runtime } from '../../engine/runtime/runtime.js';
import type { GenerateOptions, Generation, GenerationSession } from '../../generate/index.js';
import type { Tokenizer } from '../../text/index.js';
import type { SavedLanguageModel } from './load.js';
import { z } from 'zod';
import { fingerprint, readModelState, weightsFingerprint, writeModelState } from '../../checkpoint/index.js';
import { CheckpointError } from '../../core/errors.js';
import { Random } from '../../core/random.js';
import { flattenTree } from '../../core/tree.js';
import { endOfTextId } from '../../data/index.js';
import { collect, generate, LoadedDecoder, samplingStream } from '../../generate/index.js';

/** A text that is being read, and how far it was read. */
export interface UnfinishedReading {
  readonly data: string;
  readonly tokens: number;
}

/** What a session knows besides its memory. */
interface Notes {
  /** Where the stream stands from which tokens are drawn. */
  random?: RandomState | undefined;
  unfinished?: UnfinishedReading | undefined;
}

const notesSchema: z.ZodType<Notes> = z.strictObject({
  random: z.strictObject({ key: z.int(), generator: z.array(z.int()) }).optional(),
  unfinished: z.strictObject({ data: z.string(), tokens: z.int().nonnegative() }).optional(),
});

/**
 * What a model remembers of one text, whatever its memory is. Made by `openSession`.
 *
 * @example
 * const session = await openSession(runtime, await loadLanguageModel(files, 'runs/shakespeare'));
 * await session.read('ROMEO: ');
 * await session.saveState(files, 'romeo.state');
 * const { text } = await session.write('But soft', { maxTokens: 100, seed: 1 });
 * await session.loadState(files, 'romeo.state'); // as if nothing had been written
 */
export class TextSession {
  readonly tokenizer: Tokenizer;
  /** The same memory, token by token. */
  readonly session: GenerationSession;
  /** What of a longer text has been read; kept in the file of the state, so that reading can go on. */
  unfinished: UnfinishedReading | undefined;
  private readonly owner: () => Promise<StateOwner>;
  private readonly ownDecoder: LoadedDecoder | undefined;
  private random: Random | undefined;

  /**
   * Sessions are made by `openSession`, and by `fork`.
   * @param ownDecoder is disposed with the session
   */
  constructor(
    session: GenerationSession,
    tokenizer: Tokenizer,
    owner: () => Promise<StateOwner>,
    ownDecoder?: LoadedDecoder,
  ) {
    this.session = session;
    this.tokenizer = tokenizer;
    this.owner = owner;
    this.ownDecoder = ownDecoder;
  }

  /** Whether something was read, so that it can be written on. */
  get hasRead(): boolean {
    return this.session.logits !== undefined;
  }

  /** Whether a text was written whose draws can go on. */
  get canDrawOn(): boolean {
    return this.random !== undefined;
  }

  /** Reads a text. @throws {TokenizerError} when it has characters that the tokenizer does not know */
  async read(text: string, options?: RunOptions): Promise<void> {
    const ids = this.tokenizer.encode(text);
    if (ids.length > 0) await this.session.prefill(ids, options);
  }

  /**
   * Reads a prompt and writes on. The token that separates documents ends the text, if the tokenizer has one.
   * @param prompt not part of what is returned; empty, to go on with what was read or written before
   * @param options `seed`: default is to draw on where the last text stopped
   * @param onText is called with each new piece of text
   * @throws {ConfigError} when an option has an impossible value
   * @throws {TokenizerError} when there is nothing to go on from, or the prompt has characters that the tokenizer does not know
   */
  write(prompt: string, options: GenerateOptions = {}, onText?: (text: string) => void): Promise<Generation> {
    const { seed } = options;
    const random = seed === undefined && this.random !== undefined ? this.random : samplingStream(seed ?? 0);
    this.random = random;
    const end = endOfTextId(this.tokenizer);
    const usual = { endTokens: end === undefined ? [] : [end], random };
    const ids = this.tokenizer.encode(prompt);
    return collect(generate(this.session, this.tokenizer, ids, { ...usual, ...options }), onText);
  }

  /** Writes what is remembered to a safetensors file: all of it or nothing. */
  async saveState(files: Files, path: string): Promise<void> {
    const { random, unfinished } = this;
    const notes = JSON.parse(JSON.stringify({ random: random?.state(), unfinished }));
    await writeModelState(files, path, { tensors: await this.session.state(), notes }, await this.owner());
  }

  /**
   * Remembers what a file says, and nothing else.
   * @throws {CheckpointError} when it is damaged, or of another model, other weights or another batch size; nothing changes then
   */
  async loadState(files: Files, path: string): Promise<void> {
    const { tensors, notes } = await readModelState(files, path, await this.owner());
    const parsed = notesSchema.safeParse(notes);
    if (!parsed.success) {
      throw new CheckpointError(`"${path}" has notes that nobody understands. Restore it from a copy.`, {
        fields: { path },
        cause: parsed.error,
      });
    }
    await this.session.restore(tensors);
    const { random, unfinished } = parsed.data;
    this.random = random && Random.fromState(random);
    this.unfinished = unfinished;
  }

  /** A session that remembers the same and goes its own way. */
  async fork(): Promise<TextSession> {
    const fork = new TextSession(await this.session.fork(), this.tokenizer, this.owner);
    fork.random = this.random && Random.fromState(this.random.state());
    fork.unfinished = this.unfinished;
    return fork;
  }

  /** Forgets everything. */
  async reset(): Promise<void> {
    await this.session.reset();
    this.random = undefined;
    this.unfinished = undefined;
  }

  /** Bytes of memory after `length` tokens; default: those that it holds now. */
  stateBytes(length?: number): number {
    return this.session.stateBytes(length);
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
    await this.ownDecoder?.dispose();
  }
}

/** A session that has read nothing. Disposing it frees the weights, so its forks end with it. */
export async function openSession(runtime: Runtime, saved: SavedLanguageModel): Promise<TextSession> {
  const { model, parameters, tokenizer } = saved;
  const decoder = await LoadedDecoder.load(runtime, model, parameters);
  let owner: Promise<StateOwner> | undefined;
  const ownerOnce = (): Promise<StateOwner> => (owner ??= ownerOf(saved));
  return new TextSession(await decoder.createSession(), tokenizer, ownerOnce, decoder);
}

async function ownerOf({ run, parameters }: SavedLanguageModel): Promise<StateOwner> {
  const tensors = flattenTree<TensorData>(parameters as unknown as Tree<TensorData>);
  return {
    fingerprint: await fingerprint(run.config.model, tensors),
    weights: await weightsFingerprint(tensors),
    batch: 1,
  };
}
