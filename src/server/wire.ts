// Types of everything that goes over the wire. Types alone, so that the page can import them; the routes, with their
// addresses, are in docs/server.md and `/openapi.json`.
export type { ErrorBody } from './schemas/common.js';
export type {
  AnswerExtension,
  ChatChunk,
  ChatMessage,
  ChatRequest,
  ChatResponse,
  Turn,
  Usage,
} from './schemas/chat.js';
export type { CompletionRequest, CompletionResponse } from './schemas/completions.js';
export type { Health } from './schemas/health.js';
export type {
  DocumentsResponse,
  EditRequest,
  EditResponse,
  ExplainRequest,
  ExplainResponse,
  FactsResponse,
  ForgetRequest,
  HistoryResponse,
  Item,
  ItemsQuery,
  ItemsResponse,
  Outcome,
  Receipt,
  RecallRequest,
  RecallResponse,
  Recollection,
  RememberRequest,
  RememberResponse,
  ScoreParts,
  UndoRequest,
  UndoResponse,
  UsersResponse,
} from './schemas/memory.js';
export type { EmbeddingsRequest, EmbeddingsResponse, Model, ModelsResponse } from './schemas/models.js';
export type { MetricsRecord, Run, RunDetail, RunsResponse } from './schemas/runs.js';
export type {
  BranchRequest,
  BranchResponse,
  RegenerateRequest,
  Session,
  SessionsResponse,
  TurnsResponse,
  TurnWindowResponse,
} from './schemas/sessions.js';
export type { ToolStep } from './schemas/tools.js';
export type { ChatWindow, Citation, WindowCut, WindowItem, WindowPart } from './schemas/window.js';
