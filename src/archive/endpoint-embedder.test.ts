import { expect, test } from 'vitest';
import { connectEndpointEmbedder, endpointEmbedder } from './endpoint-embedder.js';

interface Call {
  readonly url: string;
  readonly body: { readonly model: string; readonly input: readonly string[] };
  readonly authorization: string | null;
}

/** An endpoint that answers each call by the next function; vectors are [length of text, 0]. */
function endpoint(...answers: readonly (() => Response)[]): {
  readonly fetch: typeof fetch;
  readonly calls: Call[];
} {
  const calls: Call[] = [];
  return {
    calls,
    async fetch(url, init) {
      const body = JSON.parse(String(init?.body)) as Call['body'];
      calls.push({ url: String(url), body, authorization: new Headers(init?.headers).get('authorization') });
      const answer = answers[calls.length - 1];
      if (answer !== undefined) return answer();
      const data = body.input.map((text, index) => ({ index, embedding: [text.length, 0] }));
      return Response.json({ data: data.toReversed() });
    },
  };
}

const options = { url: 'https://example.test/v1/', model: 'small', dimension: 2 };

test('texts are sent in batches, with key and prefix, and answers put in order', async () => {
  const { fetch, calls } = endpoint();
  const embedder = endpointEmbedder({
    ...options,
    fetch,
    apiKey: 'k',
    prefixes: { query: 'query: ', passage: 'p: ' },
  });
  const texts = Array.from({ length: 100 }, (_, i) => 'x'.repeat(i));
  const vectors = await embedder.embed(texts, 'passage');
  expect(vectors.map(([length]) => length)).toEqual(texts.map((text) => text.length + 3));
  expect(calls.map(({ body }) => body.input.length)).toEqual([64, 36]);
  expect(calls[0]).toMatchObject({ url: 'https://example.test/v1/embeddings', authorization: 'Bearer k' });
  expect(embedder.name).toBe('small at example.test');
});

test('a busy endpoint is asked again', async () => {
  const { fetch, calls } = endpoint(() => new Response('busy', { status: 429 }));
  await endpointEmbedder({ ...options, fetch }).embed(['a'], 'query');
  expect(calls).toHaveLength(2);
});

const failing = (answer: () => Response): Promise<unknown> =>
  endpointEmbedder({ ...options, fetch: endpoint(answer).fetch }).embed(['a'], 'query');

test('what goes wrong is said', async () => {
  await expect(failing(() => new Response('no such model', { status: 404 }))).rejects.toThrow(
    /404: no such model/,
  );
  await expect(failing(() => Response.json({ data: [{ embedding: [1, 2, 3] }] }))).rejects.toThrow(
    /3 numbers .* expected 2/,
  );
  await expect(failing(() => Response.json({ data: [] }))).rejects.toThrow(/0 vectors/);
  await expect(failing(() => Response.json({ error: 'x' }))).rejects.toThrow(/something else/);
  await expect(
    failing(() => {
      throw new TypeError('refused');
    }),
  ).rejects.toThrow(/cannot be reached: refused/);
  expect(() => endpointEmbedder({ ...options, url: 'localhost' })).toThrow(/not the address/);
});

test('an endpoint is asked for its dimension', async () => {
  const { fetch, calls } = endpoint();
  const { dimension: _, ...rest } = options;
  const embedder = await connectEndpointEmbedder({ ...rest, fetch });
  expect(embedder.dimension).toBe(2);
  expect(calls).toHaveLength(1);
  await expect(connectEndpointEmbedder({ ...rest, url: 'nonsense' })).rejects.toThrow(/not the address/);
  const empty = endpoint(() => Response.json({ data: [] }));
  await expect(connectEndpointEmbedder({ ...rest, fetch: empty.fetch })).rejects.toThrow(/without a vector/);
});
