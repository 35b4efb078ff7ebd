import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServerEvent } from './events.js';
import { readEvents } from './events.js';

/** A body that arrives in the pieces given. */
function bodyOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function eventsOf(body: ReadableStream<Uint8Array>): Promise<readonly ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('readEvents', () => {
  it('reads data, names, several lines and comments', async () => {
    const text =
      ': keep\n\ndata: one\n\nevent: reset\ndata:{}\n\ndata: a\r\ndata:  b\r\n\r\nevent: empty\n\ndata: cut';
    expect(await eventsOf(bodyOf([encode(text)]))).toEqual([
      { event: 'message', data: 'one' },
      { event: 'reset', data: '{}' },
      { event: 'message', data: 'a\n b' },
    ]);
  });

  it('reads the same wherever the bytes are cut', async () => {
    const text = 'data: {"text":"你好，世界"}\r\n\r\nevent: x\ndata: 2\n\ndata: 3\n\n';
    const bytes = encode(text);
    const whole = await eventsOf(bodyOf([bytes]));
    const cuts = fc.uniqueArray(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const ends = [...places.sort((a, b) => a - b), bytes.length];
        const pieces = ends.map((end, n) => bytes.slice(n === 0 ? 0 : ends[n - 1], end));
        expect(await eventsOf(bodyOf(pieces))).toEqual(whole);
      }),
    );
    expect(whole).toHaveLength(3);
  });

  it('closes the body when the reader has seen enough', async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(encode('data: more\n\n')),
      cancel: () => void (cancelled = true),
    });
    for await (const _ of readEvents(body)) break;
    expect(cancelled).toBe(true);
  });
});
