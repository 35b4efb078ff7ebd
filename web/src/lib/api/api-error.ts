// What can go wrong between the page and the server, by what a person can do about it. Knows no words for it.
import type { ErrorBody } from '../../../../src/server/wire.js';

/**
 * `offline`: no server answers. `key`: the API key is missing or wrong. `missing`: what was asked for is not there.
 * `input`: what was sent cannot be used. `busy`: too many requests. `unavailable`: the archive or the model does not
 * answer. `broken`: a stream ended before its end. `failed`: anything else.
 */
export type ApiErrorKind =
  'offline' | 'key' | 'missing' | 'input' | 'busy' | 'unavailable' | 'broken' | 'failed';

/** The page may import only types of the sources, so this does not extend `MnemeError`; its message is the server's. */
export class ApiError extends Error {
  readonly kind: ApiErrorKind;
  /** Seconds the server asks to wait. */
  readonly retryAfterS: number | undefined;

  constructor(kind: ApiErrorKind, message: string, retryAfterS?: number) {
    super(message);
    this.name = 'ApiError';
    this.kind = kind;
    this.retryAfterS = retryAfterS;
  }
}

export function kindOfStatus(status: number): ApiErrorKind {
  if (status === 401 || status === 403) return 'key';
  if (status === 404) return 'missing';
  if (status === 429) return 'busy';
  if (status >= 502 && status <= 504) return 'unavailable';
  return status >= 400 && status < 500 ? 'input' : 'failed';
}

export function isErrorBody(value: unknown): value is ErrorBody {
  return (
    typeof value === 'object' &&
    value !== null &&
    'error' in value &&
    typeof value.error === 'object' &&
    value.error !== null &&
    'message' in value.error &&
    typeof value.error.message === 'string'
  );
}

/** The error that a response says it is. */
export async function errorOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  const message = isErrorBody(body) ? body.error.message : `${response.status} ${response.statusText}`.trim();
  const wait = Number(response.headers.get('retry-after') ?? NaN);
  return new ApiError(kindOfStatus(response.status), message, Number.isFinite(wait) ? wait : undefined);
}

/** Anything thrown, as an error that the page can show. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('failed', error instanceof Error ? error.message : String(error));
}

/** Whether something was thrown because the person stopped it. */
export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
