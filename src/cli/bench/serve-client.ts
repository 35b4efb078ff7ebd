// One streamed turn over a connection, and when its first token came. Knows nothing of load.
import type { Agent } from 'node:http';
import { once } from 'node:events';
import { request } from 'node:http';
import type { ChatChunk } from '../../server/wire.js';

export interface StreamedTurn {
  /** From sending the request to the first token. */
  readonly firstTokenMs: number;
  readonly text: string;
  /** Items that the server said it has stored. */
  readonly stored: readonly string[];
}

/** @throws {Error} when the stream is no whole answer */
export async function streamTurn(url: string, agent: Agent, body: object): Promise<StreamedTurn> {
  const startedMs = performance.now();
  const sent = request(`${url}/v1/chat/completions`, {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  sent.end(JSON.stringify({ ...body, stream: true }));
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  let firstTokenMs = 0;
  let text = '';
  let isWhole = false;
  const stored: string[] = [];
  let rest = '';
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue;
      if (line === 'data: [DONE]') {
        isWhole = true;
        continue;
      }
      const { choices, mneme, ...other } = JSON.parse(line.slice('data: '.length)) as ChatChunk;
      if (choices === undefined) throw new Error(`The stream failed: ${JSON.stringify(other)}`);
      const word = choices[0]?.delta.content ?? '';
      if (word !== '' && firstTokenMs === 0) firstTokenMs = performance.now() - startedMs;
      text += word;
      for (const turn of [mneme?.userTurn, mneme?.assistantTurn])
        if (turn !== undefined) stored.push(turn.id);
    }
  }
  if (isWhole) return { firstTokenMs, text, stored };
  throw new Error(`The answer ended early, with status ${response.statusCode}: ${text}${rest}`);
}
