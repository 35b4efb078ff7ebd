// The server's routes as functions, typed by the wire. Knows no state and no words.
import type {
  BranchResponse,
  ChatRequest,
  DocumentsResponse,
  EditResponse,
  ForgetRequest,
  Health,
  HistoryResponse,
  Item,
  ItemsQuery,
  ItemsResponse,
  MetricsRecord,
  ModelsResponse,
  Receipt,
  RecallRequest,
  RecallResponse,
  RegenerateRequest,
  RunDetail,
  RunsResponse,
  SessionsResponse,
  TurnsResponse,
  TurnWindowResponse,
  UndoResponse,
  UsersResponse,
} from '../../../../src/server/wire.js';
import type { AnswerEvent } from './answer.js';
import { readAnswer } from './answer.js';
import type { Language } from '../texts/texts.js';
import type { Requests } from './requests.js';

/** A record of a run, or word that the run went back and all records come anew. */
export type MetricsEvent =
  { readonly kind: 'record'; readonly record: MetricsRecord } | { readonly kind: 'reset' };

/** A page of items. What the wire reads as text is a number here. */
export type PageQuery = Omit<ItemsQuery, 'limit'> & { readonly limit?: number };

const session = (id: string): string => `/v1/sessions/${encodeURIComponent(id)}`;
const run = (name: string): string => `/v1/runs/${encodeURIComponent(name)}`;

/** Every method throws an `ApiError`. `user` is whose memory is meant; the server's default when absent. */
export function createClient(requests: Requests) {
  return {
    health: () => requests.json<Health>('/health'),
    models: () => requests.json<ModelsResponse>('/v1/models'),

    /** Sends the last message of the request and gives the answer as it is written. */
    chat: (request: ChatRequest, signal: AbortSignal): AsyncGenerator<AnswerEvent> =>
      readAnswer(requests.events('/v1/chat/completions', { body: { ...request, stream: true }, signal })),
    regenerate: (id: string, request: RegenerateRequest, signal: AbortSignal): AsyncGenerator<AnswerEvent> =>
      readAnswer(
        requests.events(`${session(id)}/regenerate`, { body: { ...request, stream: true }, signal }),
      ),

    sessions: (user?: string) => requests.json<SessionsResponse>('/v1/sessions', { query: { user } }),
    turns: (id: string, user?: string) => requests.json<TurnsResponse>(session(id), { query: { user } }),
    /** What the model was given for an answer, by the id of its item; why things were found is said in a language. */
    turnWindow: (id: string, item: string, language: Language) =>
      requests.json<TurnWindowResponse>(`${session(id)}/turns/${encodeURIComponent(item)}/window`, {
        query: { language },
      }),
    branch: (id: string, turn: number, user?: string) =>
      requests.json<BranchResponse>(`${session(id)}/branch`, { body: { turn, ...(user ? { user } : {}) } }),
    deleteSession: (id: string, user?: string) =>
      requests.json<Receipt>(session(id), { method: 'DELETE', query: { user } }),

    users: () => requests.json<UsersResponse>('/v1/memory/users'),
    item: (id: string) => requests.json<Item>(`/v1/memory/items/${encodeURIComponent(id)}`),
    items: (query: PageQuery) => requests.json<ItemsResponse>('/v1/memory/items', { query }),
    documents: (user?: string) =>
      requests.json<DocumentsResponse>('/v1/memory/documents', { query: { user } }),
    recall: (body: RecallRequest, signal: AbortSignal) =>
      requests.json<RecallResponse>('/v1/memory/recall', { body, signal }),
    edit: (id: string, text: string) =>
      requests.json<EditResponse>(`/v1/memory/items/${encodeURIComponent(id)}`, {
        method: 'PATCH',
        body: { text },
      }),
    forget: (body: ForgetRequest) => requests.json<Receipt>('/v1/memory/forget', { body }),
    history: (user?: string) => requests.json<HistoryResponse>('/v1/memory/history', { query: { user } }),
    undo: (operation: number) => requests.json<UndoResponse>('/v1/memory/undo', { body: { operation } }),
    /** Everything held of a user, one JSON object a line. */
    export: (user?: string) => requests.blob('/v1/memory/export', { query: { user } }),

    runs: () => requests.json<RunsResponse>('/v1/runs'),
    run: (name: string) => requests.json<RunDetail>(run(name)),
    /** What is measured from now on, and what came after step `after`. Ends when the server does. */
    async *metrics(
      name: string,
      after: number | undefined,
      signal: AbortSignal,
    ): AsyncGenerator<MetricsEvent> {
      for await (const { event, data } of requests.events(`${run(name)}/metrics`, {
        query: { after },
        signal,
      }))
        yield event === 'reset'
          ? { kind: 'reset' }
          : { kind: 'record', record: JSON.parse(data) as MetricsRecord };
    },
  };
}

export type Client = ReturnType<typeof createClient>;
