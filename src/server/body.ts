// The JSON body of a request, within a limit. Knows no route.
import { HttpError } from './http-error.js';

/**
 * @throws {HttpError} 413 when it is too large, 415 when it is not sent as JSON, 400 when it is not UTF-8 or not JSON
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  // Browsers send JSON to a foreign server only after asking it: pages elsewhere cannot make anybody's browser write here.
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(request.headers.get('content-type') ?? ''))
    throw new HttpError(
      415,
      'unsupported_media_type',
      'Send the body as JSON, with content-type: application/json.',
    );
  const bytes = await readBytes(request, maxBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    const what = cause instanceof SyntaxError ? `not JSON: ${cause.message}` : 'not UTF-8';
    throw new HttpError(400, 'invalid_json', `The body is ${what}. Send one JSON object in UTF-8.`, {
      cause,
    });
  }
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of request.body ?? []) {
    length += piece.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    pieces.push(piece);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}

function tooLarge(maxBytes: number): HttpError {
  const message = `The body is larger than ${maxBytes} bytes. Send less, or start the server with a larger --max-body.`;
  return new HttpError(413, 'too_large', message, { fields: { maxBytes } });
}
