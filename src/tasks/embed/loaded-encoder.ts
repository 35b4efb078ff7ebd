// An encoder in a runtime: its weights on the device, and programs for a few sizes of batches. Knows nothing of texts.
import type { Tree } from '../../core/tree.js';
import type { Executable } from '../../engine/compile.js';
import type { Tensor, TensorType } from '../../engine/graph.js';
import type { DeviceState, Runtime } from '../../engine/runtime/runtime.js';
import type { EncoderParameters } from '../../models/encoder.js';
import type { Pooling } from './pooling.js';
import { TensorData } from '../../core/tensor-data.js';
import { flattenTree } from '../../core/tree.js';
import { compile } from '../../engine/compile.js';
import { int32, Type, typesOf } from '../../engine/trace.js';
import { Encoder } from '../../models/encoder.js';
import { normalize, pool } from './pooling.js';

interface BatchTypes {
  readonly ids: TensorType;
  readonly mask: TensorType;
}

type BatchProgram = Executable<BatchTypes, Tensor>;

export interface LoadedEncoderOptions {
  readonly pooling: Pooling;
  /** Whether vectors are scaled to length 1. */
  readonly normalize: boolean;
}

export class LoadedEncoder {
  private readonly runtime: Runtime;
  private readonly encoder: Encoder;
  private readonly options: LoadedEncoderOptions;
  private readonly device: DeviceState;
  private readonly types: EncoderParameters<TensorType>;
  private readonly programs = new Map<string, Promise<BatchProgram>>();

  private constructor(
    runtime: Runtime,
    encoder: Encoder,
    parameters: EncoderParameters<TensorData>,
    device: DeviceState,
    options: LoadedEncoderOptions,
  ) {
    this.runtime = runtime;
    this.encoder = encoder;
    this.options = options;
    this.device = device;
    this.types = typesOf(parameters);
  }

  /** Copies the weights to the device. */
  static async load(
    runtime: Runtime,
    encoder: Encoder,
    parameters: EncoderParameters<TensorData>,
    options: LoadedEncoderOptions,
  ): Promise<LoadedEncoder> {
    const device = await runtime.createState();
    await device.write(flattenTree<TensorData>({ parameters } as unknown as Tree<TensorData>));
    return new LoadedEncoder(runtime, encoder, parameters, device, options);
  }

  /**
   * One vector for each sequence. The first call with a new batch size or length compiles a program for it.
   * @param sequences token ids, at most `length` each
   */
  async read(sequences: readonly Int32Array[], length: number): Promise<Float32Array[]> {
    const shape = [sequences.length, length];
    const ids = new Int32Array(sequences.length * length);
    const mask = new Uint8Array(ids.length);
    sequences.forEach((sequence, row) => {
      ids.set(sequence, row * length);
      mask.fill(1, row * length, row * length + sequence.length);
    });
    const program = await this.program(sequences.length, length);
    const { data } = await program.run(this.device, {
      ids: new TensorData('int32', shape, ids),
      mask: new TensorData('bool', shape, mask),
    });
    const { width } = this.encoder.config;
    return sequences.map((_, row) => Float32Array.from(data.subarray(row * width, (row + 1) * width)));
  }

  /** Frees programs and weights. */
  async dispose(): Promise<void> {
    for (const program of this.programs.values()) await (await program).dispose();
    await this.device.dispose();
  }

  private program(batch: number, length: number): Promise<BatchProgram> {
    const key = `${batch} x ${length}`;
    const known = this.programs.get(key);
    if (known !== undefined) return known;
    const program = this.compile(batch, length);
    this.programs.set(key, program);
    program.catch(() => this.programs.delete(key));
    return program;
  }

  private compile(batch: number, length: number): Promise<BatchProgram> {
    return compile(
      this.runtime,
      ({ parameters }, { ids, mask }) => {
        const vectors = pool(this.encoder.read(parameters, ids, mask), mask, this.options.pooling);
        return { outputs: this.options.normalize ? normalize(vectors) : vectors };
      },
      {
        state: { parameters: this.types },
        inputs: { ids: int32(batch, length), mask: new Type('bool', [batch, length]) } as BatchTypes,
      },
    );
  }
}
