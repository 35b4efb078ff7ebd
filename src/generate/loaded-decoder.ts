// A decoder in a runtime: its weights on the device, and programs that read a few fixed numbers of tokens. Knows nothing of what was read.
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Executable } from '../engine/compile.js';
import type { Tensor, TensorType } from '../engine/graph.js';
import type { DeviceState, RunOptions, Runtime } from '../engine/runtime/runtime.js';
import type { Decoder } from './decoder.js';
import { TensorData as HostTensor } from '../core/tensor-data.js';
import { flattenTree } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { expandDims, reshape } from '../engine/ops/layout.js';
import { slice } from '../engine/ops/slicing.js';
import { int32, typesOf } from '../engine/trace.js';
import { GenerationSession } from './session.js';

/**
 * Numbers of tokens that one run can read, largest first: a text of any length is cut into these, so that four compiled
 * shapes (about 0.1 s each, when first needed) serve every prompt.
 */
const chunkLengths = [256, 64, 16, 1] as const;

/** Tokens that are read fastest together: a long text is best handed over in multiples of it. */
export const fastestChunk = chunkLengths[0];

/** Types of what lies on the device. */
type DeviceTypes = {
  readonly parameters: Tree<TensorType>;
  readonly state: Tree<TensorType>;
};

type ReadProgram = Executable<TensorType, Tensor>;

/**
 * Weights and programs that any number of sessions share.
 *
 * @example
 * const decoder = await LoadedDecoder.load(runtime, model, parameters);
 * const session = await decoder.createSession();
 * const logits = await session.prefill(tokenizer.encode('Call me'));
 */
export class LoadedDecoder {
  /** Number of token ids. */
  readonly vocabularySize: number;
  /** Tokens that a memory can hold; Infinity where there is no bound. */
  readonly maxLength: number;
  /** What the memory holds before anything was read, by its names on the device. */
  readonly initialState: ReadonlyMap<string, TensorData>;
  private readonly decoder: Decoder;
  private readonly runtime: Runtime;
  private readonly types: DeviceTypes;
  private readonly origin: DeviceState;
  private readonly programs = new Map<number, Promise<ReadProgram>>();

  private constructor(runtime: Runtime, decoder: Decoder, parameters: Tree<TensorData>, origin: DeviceState) {
    const state = decoder.initialState(1);
    this.vocabularySize = decoder.vocabularySize;
    this.maxLength = decoder.maxLength;
    this.runtime = runtime;
    this.decoder = decoder;
    this.origin = origin;
    this.types = { parameters: typesOf(parameters), state: typesOf(state) };
    this.initialState = flattenTree<TensorData>({ state });
  }

  /** Copies the weights to the device. */
  static async load(
    runtime: Runtime,
    decoder: Decoder,
    parameters: Tree<TensorData>,
  ): Promise<LoadedDecoder> {
    const origin = await runtime.createState();
    const loaded = new LoadedDecoder(runtime, decoder, parameters, origin);
    await origin.write(flattenTree<TensorData>({ parameters }));
    await origin.write(loaded.initialState);
    return loaded;
  }

  /** A session that has read nothing. It shares the weights. */
  async createSession(): Promise<GenerationSession> {
    return new GenerationSession(this, await this.emptyState());
  }

  /** Weights, and a memory that holds nothing, for one session. */
  emptyState(): Promise<DeviceState> {
    return this.origin.fork();
  }

  /** Bytes that a memory holds after `length` tokens. */
  stateBytes(length: number): number {
    return this.decoder.stateBytes(Math.min(length, this.maxLength));
  }

  /** The largest number of tokens, of at most `available`, that one run reads. */
  chunkLength(available: number): number {
    return chunkLengths.find((length) => length <= Math.min(available, this.maxLength)) ?? 1;
  }

  /**
   * Reads a chunk into the memory on `device`.
   * @param ids as many as `chunkLength` returns
   * @returns logits of the token after the last one, float32[vocabularySize]
   */
  async read(device: DeviceState, ids: Int32Array, options?: RunOptions): Promise<Float32Array> {
    const program = await this.program(ids.length);
    const logits = await program.run(device, new HostTensor('int32', [ids.length], ids), options);
    return logits.data as Float32Array;
  }

  /** Frees programs and weights; sessions that are left can no longer read. */
  async dispose(): Promise<void> {
    for (const program of this.programs.values()) await (await program).dispose();
    await this.origin.dispose();
  }

  private program(length: number): Promise<ReadProgram> {
    const known = this.programs.get(length);
    if (known !== undefined) return known;
    const program = this.compile(length);
    this.programs.set(length, program);
    program.catch(() => this.programs.delete(length));
    return program;
  }

  private compile(length: number): Promise<ReadProgram> {
    return compile(
      this.runtime,
      ({ parameters, state }, ids) => {
        const { logits, state: next } =
          length === 1
            ? this.decoder.step(parameters, ids, state)
            : this.decoder.read(parameters, expandDims(ids, 0), state);
        const last = slice(logits, -2, -1); // [1, vocabularySize], or [1, 1, vocabularySize]
        return { state: { state: next }, outputs: reshape(last, [this.vocabularySize]) };
      },
      { state: this.types, inputs: int32(length) },
    );
  }
}
