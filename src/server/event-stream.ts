// Server-sent events with back-pressure: the next is made when the reader has room. Knows nothing of what they say.
// Source: HTML Living Standard, "Server-sent events".
import { answerTo } from './http-error.js';

/** One event. `data` is written as JSON; a text is written as it is. */
export interface ServerEvent {
  readonly event?: string;
  readonly data: unknown;
}

export interface EventStreamOptions {
  /** A line that says nothing is sent so often, so that proxies keep the connection. */
  readonly keepAliveMs: number;
  /** A reader that takes nothing for so long is given up. */
  readonly stallMs: number;
  /** Called once, when the reader is gone or given up. */
  readonly onLeave: () => void;
  /** Called with what the events throw; the reader is told as an event. */
  readonly onError: (thrown: unknown) => void;
}

export const eventStreamHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies of the nginx family would hold the stream back.
  'x-accel-buffering': 'no',
};

const encoder = new TextEncoder();

function written({ event, data }: ServerEvent): Uint8Array {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return encoder.encode(`${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`);
}

/** The events as the body of a response. */
export function eventStream(
  events: AsyncIterator<ServerEvent>,
  { keepAliveMs, stallMs, onLeave, onError }: EventStreamOptions,
): ReadableStream<Uint8Array> {
  let fullSinceMs: number | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let isLeft = false;
  const end = async (): Promise<void> => {
    isLeft = true;
    clearInterval(timer);
    onLeave();
    await events.return?.();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      timer = setInterval(() => {
        const isFull = (controller.desiredSize ?? 0) <= 0;
        if (!isFull) {
          fullSinceMs = undefined;
          controller.enqueue(encoder.encode(': still here\n\n'));
          return;
        }
        fullSinceMs ??= performance.now();
        if (performance.now() - fullSinceMs < stallMs) return;
        controller.error(new Error('The reader takes nothing.'));
        void end();
      }, keepAliveMs);
    },
    async pull(controller) {
      fullSinceMs = undefined;
      try {
        const { value, done } = await events.next();
        if (isLeft) return;
        if (!done) return controller.enqueue(written(value));
      } catch (error) {
        onError(error);
        if (isLeft) return;
        controller.enqueue(written({ data: answerTo(error).body }));
      }
      clearInterval(timer);
      controller.close();
    },
    cancel: end,
  });
}
