// An error that a client is answered with, and the answer to anything that is thrown. Knows no route.
import type { MnemeErrorOptions } from '../core/errors.js';
import type { ErrorBody } from './schemas/common.js';
import { InternalError, MnemeError } from '../core/errors.js';
import { GeneratorError } from '../tasks/chat/generator-error.js';

/** What a status says beside its number, in OpenAI's words. */
interface Kind {
  readonly status: number;
  readonly type: string;
  readonly code: string;
}

export interface HttpErrorOptions extends MnemeErrorOptions {
  /** The field of the request that is wrong, such as `messages.0.role`. */
  readonly param?: string | undefined;
  /** Seconds after which another try may succeed. */
  readonly retryAfterSeconds?: number;
}

/** Ends a request with a status. */
export class HttpError extends MnemeError {
  readonly kind: Kind;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: string, message: string, options: HttpErrorOptions = {}) {
    super(code, message, options);
    this.kind = { status, type: typeOf(status), code };
    this.param = options.param;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 404) return 'not_found_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/** Statuses of the errors of Mneme, by their code. A code that is not here is an error of ours. */
const statuses: Readonly<Record<string, number>> = {
  config: 400,
  usage: 400,
  shape: 400,
  data: 422,
  tokenizer: 422,
  'not-found': 404,
  checkpoint: 503,
  storage: 503,
  runtime: 503,
  'non-finite': 503,
  aborted: 499,
};

/** A generator that is not well is somebody else's fault, but for a time limit and too many requests. */
const generatorStatuses: Readonly<Record<GeneratorError['failure'], number>> = {
  unreachable: 502,
  broken: 502,
  refused: 502,
  rejected: 502,
  'too-long': 400,
  overloaded: 503,
  timeout: 504,
};

/** What a client is told of an error. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  readonly retryAfterSeconds: number | undefined;
  /** Whether it is a bug of ours, of which a client learns nothing. */
  readonly isOurs: boolean;
}

/** Words of an error that clients are not shown: what went wrong is in the log. */
const hidden = 'Something went wrong inside the server. Its log says what; please report it.';

/** The answer to anything that is thrown. */
export function answerTo(thrown: unknown): ErrorAnswer {
  const kind = kindOf(thrown);
  if (kind === undefined || !(thrown instanceof MnemeError))
    return answer({ status: 500, type: 'server_error', code: 'internal' }, hidden);
  const param = thrown instanceof HttpError ? thrown.param : undefined;
  const retry = thrown instanceof HttpError ? thrown.retryAfterSeconds : undefined;
  return answer(
    kind,
    thrown.message,
    param ?? paramOf(thrown),
    retry ?? (kind.status === 503 ? 1 : undefined),
  );
}

function kindOf(thrown: unknown): Kind | undefined {
  if (thrown instanceof HttpError) return thrown.kind;
  if (thrown instanceof InternalError || !(thrown instanceof MnemeError)) return undefined;
  const status = thrown instanceof GeneratorError ? generatorStatuses[thrown.failure] : statuses[thrown.code];
  if (status === undefined) return undefined;
  const code = thrown instanceof GeneratorError ? codeOf(thrown) : thrown.code.replace('-', '_');
  return { status, type: typeOf(status), code };
}

/** Clients know the code of a prompt over the window, whoever noticed it. */
const codeOf = ({ failure }: GeneratorError): string =>
  failure === 'too-long' ? 'context_length_exceeded' : `generator_${failure}`;

/** The first field that a schema found wrong. */
function paramOf({ fields }: MnemeError): string | undefined {
  const issues = fields['issues'];
  return Array.isArray(issues) && typeof issues[0] === 'string' ? issues[0] : undefined;
}

function answer(kind: Kind, message: string, param?: string, retryAfterSeconds?: number): ErrorAnswer {
  const { status, type, code } = kind;
  const body: ErrorBody = { error: { message, type, param: param ?? null, code } };
  return { status, body, retryAfterSeconds, isOurs: status === 500 };
}

/** The same as a response. */
export function errorResponse(thrown: unknown): Response {
  const { status, body, retryAfterSeconds } = answerTo(thrown);
  const headers = new Headers({ 'content-type': 'application/json' });
  if (retryAfterSeconds !== undefined) headers.set('retry-after', String(Math.ceil(retryAfterSeconds)));
  if (status === 401) headers.set('www-authenticate', 'Bearer');
  // Clients that try again by themselves would say the same twice in a conversation.
  if (status >= 500) headers.set('x-should-retry', 'false');
  return new Response(JSON.stringify(body), { status, headers });
}
