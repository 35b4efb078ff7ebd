// One text being read and written: state in, state out, for any memory. Knows nothing of how tokens are chosen.
import type { TensorData } from '../core/tensor-data.js';
import type { TensorType } from '../engine/graph.js';
import type { DeviceState, RunOptions } from '../engine/runtime/runtime.js';
import type { LoadedDecoder } from './loaded-decoder.js';
import { throwIfAborted } from '../core/abort.js';
import { CheckpointError, RuntimeError, TokenizerError } from '../core/errors.js';
import { sameShape } from '../core/shape.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { formatType } from '../engine/graph.js';

/** Names, in a saved state, of what the session knows besides the memory. */
const positionName = 'session.position';
const tokensName = 'session.tokens';
const seenName = 'session.seen';
const logitsName = 'session.logits';

/**
 * What a decoder remembers of one text. Tokens go in, logits of the next token come out; what is remembered can be saved,
 * restored, forked and erased, whether it is a cache that grows or a vector of fixed size.
 *
 * A decoder with a bound (learned positions, the capacity of a cache) forgets when the bound is reached: before the token
 * that no longer fits, the memory is erased and the last `floor(maxLength / 2)` tokens are read again. A decoder without a
 * bound reads on for ever. Reading several tokens at once ends in the same state as reading one after another.
 */
export class GenerationSession {
  readonly decoder: LoadedDecoder;
  private device: DeviceState;
  /** What the memory holds, for decoders with a bound, which read it again. */
  private tokens: number[] = [];
  private tokensRead = 0;
  private seenIds = new Set<number>();
  private lastLogits: Float32Array | undefined;
  private busy = false;

  /** Sessions are made by `LoadedDecoder.createSession`. */
  constructor(decoder: LoadedDecoder, device: DeviceState) {
    this.decoder = decoder;
    this.device = device;
  }

  /** Tokens that the memory holds: read since it was empty, or since it forgot. */
  get position(): number {
    return this.tokensRead;
  }

  /** Every id that was read, also where the memory has forgotten it. */
  get seen(): ReadonlySet<number> {
    return this.seenIds;
  }

  /** Logits of the token after the last one read, float32[vocabularySize]; `undefined` before anything was read. */
  get logits(): Float32Array | undefined {
    return this.lastLogits;
  }

  /** Bytes that the memory holds after `length` tokens. @param length default: the tokens it holds now */
  stateBytes(length = this.tokensRead): number {
    return this.decoder.stateBytes(length);
  }

  /**
   * Reads tokens, in chunks.
   * @returns logits of the token after the last one, float32[vocabularySize]
   * @throws {TokenizerError} when there are none, or an id is outside the vocabulary; nothing is read then
   * @throws {AbortedError} when the signal fires; chunks that were read stay read
   */
  async prefill(ids: ArrayLike<number>, options?: RunOptions): Promise<Float32Array> {
    this.checkIds(ids);
    return this.exclusively(() => this.readAll(Int32Array.from(ids), options));
  }

  /** Reads one token. See `prefill`. */
  step(id: number, options?: RunOptions): Promise<Float32Array> {
    return this.prefill([id], options);
  }

  /** Everything that was remembered, copied out: the way to save a session. */
  state(): Promise<Map<string, TensorData>> {
    return this.exclusively(async () => {
      const state = await this.device.read([...this.decoder.initialState.keys()]);
      const { lastLogits: logits } = this;
      state.set(positionName, new HostTensor('int32', [], Int32Array.of(this.tokensRead)));
      state.set(tokensName, int32Vector(this.tokens));
      state.set(seenName, membership(this.seenIds, this.decoder.vocabularySize));
      if (logits !== undefined) state.set(logitsName, new HostTensor('float32', [logits.length], logits));
      return state;
    });
  }

  /**
   * Remembers what `state` says, and nothing else.
   * @throws {CheckpointError} when it is not a state of a session with such a decoder; nothing changes then
   */
  async restore(state: ReadonlyMap<string, TensorData>): Promise<void> {
    const { initialState, vocabularySize } = this.decoder;
    const memory = new Map([...initialState].map(([name, like]) => [name, fitting(state, name, like)]));
    const position = fitting(state, positionName, { dtype: 'int32', shape: [] }).data[0] ?? 0;
    const tokens = fitting(state, tokensName, { dtype: 'int32', shape: [this.isBounded ? position : 0] });
    const seen = fitting(state, seenName, { dtype: 'bool', shape: [vocabularySize] });
    const logits =
      position === 0 && !state.has(logitsName)
        ? undefined
        : fitting(state, logitsName, { dtype: 'float32', shape: [vocabularySize] });
    return this.exclusively(async () => {
      await this.device.write(memory);
      this.tokensRead = position;
      this.tokens = Array.from(tokens.data);
      this.seenIds = new Set(Array.from(seen.data.keys()).filter((id) => seen.data[id] === 1));
      this.lastLogits = logits?.data as Float32Array | undefined;
    });
  }

  /** A session that has read the same and goes its own way. Weights are shared. */
  fork(): Promise<GenerationSession> {
    return this.exclusively(async () => {
      const fork = new GenerationSession(this.decoder, await this.device.fork());
      fork.tokens = [...this.tokens];
      fork.tokensRead = this.tokensRead;
      fork.seenIds = new Set(this.seenIds);
      fork.lastLogits = this.lastLogits;
      return fork;
    });
  }

  /** Forgets everything. */
  reset(): Promise<void> {
    return this.exclusively(async () => {
      await this.forget();
      this.seenIds = new Set();
      this.lastLogits = undefined;
    });
  }

  dispose(): Promise<void> {
    return this.device.dispose();
  }

  private get isBounded(): boolean {
    return this.decoder.maxLength < Infinity;
  }

  private async readAll(ids: Int32Array, options: RunOptions | undefined): Promise<Float32Array> {
    const start = restartAt(this.tokensRead + ids.length, this.decoder.maxLength);
    if (start === 0) return this.readChunks(ids, options);
    throwIfAborted(options?.signal);
    const kept = Int32Array.from([...this.tokens, ...ids].slice(start));
    await this.forget();
    for (const id of ids) this.seenIds.add(id);
    return this.readChunks(kept); // Without the signal: what is forgotten and not read again would be lost.
  }

  private async readChunks(ids: Int32Array, options?: RunOptions): Promise<Float32Array> {
    let logits: Float32Array = new Float32Array();
    for (let read = 0; read < ids.length;) {
      const chunk = ids.slice(read, read + this.decoder.chunkLength(ids.length - read));
      logits = await this.decoder.read(this.device, chunk, options);
      this.lastLogits = logits;
      this.tokensRead += chunk.length;
      for (const id of chunk) this.seenIds.add(id);
      if (this.isBounded) this.tokens.push(...chunk);
      read += chunk.length;
    }
    return logits;
  }

  private async forget(): Promise<void> {
    const old = this.device;
    this.device = await this.decoder.emptyState();
    await old.dispose();
    this.tokens = [];
    this.tokensRead = 0;
  }

  private checkIds(ids: ArrayLike<number>): void {
    const { vocabularySize } = this.decoder;
    if (ids.length === 0) {
      throw new TokenizerError('There is no token to read. Begin with at least one, such as a line break.');
    }
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] ?? -1;
      if (Number.isInteger(id) && id >= 0 && id < vocabularySize) continue;
      throw new TokenizerError(
        `Token id ${id} is outside the vocabulary of ${vocabularySize}. Use the tokenizer that the model was trained with.`,
        { fields: { id, vocabularySize } },
      );
    }
  }

  /** @throws {RuntimeError} when another call is still running, since both would change the same memory */
  private async exclusively<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy) {
      throw new RuntimeError(
        'The session is busy with another call. Wait for it, or fork the session before to write two texts at once.',
      );
    }
    this.busy = true;
    try {
      return await work();
    } finally {
      this.busy = false;
    }
  }
}

function int32Vector(values: readonly number[]): TensorData {
  return new HostTensor('int32', [values.length], Int32Array.from(values));
}

/** bool [size], true at the members of a set. */
function membership(set: ReadonlySet<number>, size: number): TensorData {
  return new HostTensor(
    'bool',
    [size],
    Uint8Array.from({ length: size }, (_, id) => Number(set.has(id))),
  );
}

/**
 * Where a memory of `maxLength` tokens begins to read again so that `length` tokens have been read: the first of the last
 * half before the last token that did not fit. 0 when all fit.
 */
function restartAt(length: number, maxLength: number): number {
  const stride = maxLength - Math.floor(maxLength / 2);
  return length <= maxLength ? 0 : Math.ceil((length - maxLength) / stride) * stride;
}

/** @throws {CheckpointError} unless the state has a tensor of the name and of the type of `like` */
function fitting(state: ReadonlyMap<string, TensorData>, name: string, like: TensorType): TensorData {
  const tensor = state.get(name);
  if (tensor?.dtype === like.dtype && sameShape(tensor.shape, like.shape)) return tensor;
  const found = tensor === undefined ? 'missing' : formatType(tensor);
  throw new CheckpointError(
    `The state does not fit this model: tensor "${name}" is ${found}, expected ${formatType(like)}. Restore it into the model it was saved from.`,
    { fields: { tensor: name } },
  );
}
