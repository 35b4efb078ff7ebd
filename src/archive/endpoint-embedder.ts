// An embedder behind an OpenAI-compatible endpoint (POST .../embeddings). Knows nothing of the archive.
import { z } from 'zod';
import { ConfigError, DataError, RuntimeError, messageOf } from '../core/errors.js';
import type { Embedder, EmbeddingRole } from './embedder.js';

export interface EndpointOptions {
  /** Up to and with the version: `https://host/v1`. */
  readonly url: string;
  readonly model: string;
  /** Numbers of a vector; `connectEndpointEmbedder` asks the endpoint. */
  readonly dimension: number;
  readonly apiKey?: string;
  /** Put before texts of each role, as `query: ` and `passage: ` for E5. */
  readonly prefixes?: Readonly<Record<EmbeddingRole, string>>;
  /** For tests and proxies; the global one by default. */
  readonly fetch?: typeof fetch;
}

const batchSize = 64;
const timeoutMs = 60_000;
const attempts = 3;

const responseSchema = z.object({
  data: z.array(z.object({ index: z.number().optional(), embedding: z.array(z.number()) })),
});

/** Worth another try: too many requests, or a server that is not well. */
const isPassing = (status: number): boolean => status === 429 || status >= 500;

/**
 * Asks an endpoint for embeddings, 64 texts at a time, and tries again when it is busy.
 *
 * @throws {ConfigError} for an address that is none
 */
export function endpointEmbedder(options: EndpointOptions): Embedder {
  const { host } = addressOf(options.url);
  const { model, dimension, prefixes } = options;
  return {
    name: `${model} at ${host}`,
    dimension,
    async embed(texts, role) {
      const vectors: Float32Array[] = [];
      for (let start = 0; start < texts.length; start += batchSize) {
        const batch = texts.slice(start, start + batchSize).map((text) => `${prefixes?.[role] ?? ''}${text}`);
        vectors.push(...readVectors(await request(options, batch), batch.length, options));
      }
      return vectors;
    },
  };
}

/** @throws {ConfigError} for an address that is none */
export function addressOf(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new ConfigError(`"${url}" is not the address of an endpoint. Expected such as https://host/v1.`);
}

/**
 * An endpoint's embedder whose dimension is learnt by embedding one word.
 *
 * @throws {RuntimeError} when the endpoint does not answer
 */
export async function connectEndpointEmbedder(
  options: Omit<EndpointOptions, 'dimension'>,
): Promise<Embedder> {
  addressOf(options.url);
  const json = await request(options, ['dimension']);
  const parsed = responseSchema.safeParse(json);
  const dimension = parsed.data?.data[0]?.embedding.length ?? 0;
  if (dimension === 0)
    throw new DataError(
      `The embeddings endpoint ${options.url} answered without a vector for model "${options.model}". Check the model's name.`,
    );
  return endpointEmbedder({ ...options, dimension });
}

async function request(
  options: Omit<EndpointOptions, 'dimension'>,
  input: readonly string[],
): Promise<unknown> {
  const { url, model, apiKey } = options;
  const address = `${url.replace(/\/+$/, '')}/embeddings`;
  const send = (): Promise<Response> =>
    (options.fetch ?? fetch)(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({ model, input, encoding_format: 'float' }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  for (let attempt = 1; ; attempt++) {
    const response = await send().catch((cause: unknown) => {
      throw new RuntimeError(
        `The embeddings endpoint ${address} cannot be reached: ${messageOf(cause)}. Check the address and the network.`,
        { cause },
      );
    });
    if (response.ok) return response.json();
    const reason = (await response.text()).slice(0, 200);
    if (!isPassing(response.status) || attempt === attempts)
      throw new RuntimeError(`The embeddings endpoint ${address} answered ${response.status}: ${reason}`, {
        fields: { status: response.status },
      });
    await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
  }
}

function readVectors(json: unknown, count: number, { dimension, model }: EndpointOptions): Float32Array[] {
  const parsed = responseSchema.safeParse(json);
  if (!parsed.success)
    throw new DataError(`The embeddings endpoint answered something else: ${z.prettifyError(parsed.error)}`);
  const sorted = [...parsed.data.data].sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
  const wrong = sorted.find(({ embedding }) => embedding.length !== dimension);
  if (sorted.length !== count || wrong !== undefined)
    throw new ConfigError(
      `Model "${model}" gave ${sorted.length} vectors of ${wrong?.embedding.length ?? dimension} numbers for ${count} texts; expected ${dimension} numbers each. Set \`dimension\` to the model's.`,
      { fields: { model, expected: dimension } },
    );
  return sorted.map(({ embedding }) => Float32Array.from(embedding));
}
