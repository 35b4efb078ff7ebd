// Server-sent events out of the bytes of a response. Knows nothing of what they say.

/**
 * The data of each event, in order; comments and other fields are passed over. Source: HTML Living Standard, section 9.2.6.
 *
 * @throws {TypeError} where the bytes are not UTF-8
 */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let pending = '';
  let data: string[] = [];
  const take = (line: string): string | undefined => {
    if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
    if (line !== '' || data.length === 0) return undefined;
    const event = data.join('\n');
    data = [];
    return event;
  };
  for await (const bytes of body) {
    pending += decoder.decode(bytes, { stream: true });
    // A lone carriage return at the end may be half of a line break.
    const lines = pending.split(/\r\n|\n|\r(?!$)/);
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const event = take(line);
      if (event !== undefined) yield event;
    }
  }
  for (const line of [...`${pending}${decoder.decode()}`.split(/\r\n|\n|\r/), '']) {
    const event = take(line);
    if (event !== undefined) yield event;
  }
}
