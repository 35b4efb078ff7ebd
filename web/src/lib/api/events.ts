// Reads a stream of server-sent events. Knows nothing of what the events mean.
// Source: HTML Living Standard, "Server-sent events", without `id` and `retry`, which the server does not send.

export interface ServerEvent {
  /** `message` unless the server names another. */
  readonly event: string;
  readonly data: string;
}

/** One block of lines; `undefined` where it carries no data, such as a comment that keeps the line open. */
function parseBlock(block: string): ServerEvent | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event' && value !== '') event = value;
  }
  return data.length === 0 ? undefined : { event, data: data.join('\n') };
}

/** The events of a body, as they arrive. A block that the end cuts off is left out. Ending early closes the body. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      // A carriage return at the end of a piece waits for what follows it.
      const text = (rest + decoder.decode(value, { stream: true })).replace(/\r\n|\r(?!$)/g, '\n');
      const blocks = text.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
