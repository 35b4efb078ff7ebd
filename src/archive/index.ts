// The public names of the archive: long-term memory outside the model.
export type { Archive } from './archive.js';
export type { ArchiveOptions } from './open.js';
export { openArchive, reindexArchive } from './open.js';

export type { EpisodeInput, Item, ItemId, ItemKind, Moment, Outcome, OutcomeStatus } from './types.js';
export { itemKinds } from './types.js';
export type { DocumentInput, DocumentOutcome, DocumentView } from './documents.js';
export type { RecallOptions } from './recall/query.js';
export type { ScoreParts } from './recall/rank.js';
export type { Recollection } from './recall/recall.js';
export type { FactView, FullItem } from './recall/results.js';
export type { TermScore } from './recall/text-search.js';
export type { Explained } from './explain.js';
export { explain, explainedOf } from './explain.js';
export type { ExplanationLanguage } from './explain-words.js';
export { explanationLanguages } from './explain-words.js';
export type { AnswerWindow } from './answer-windows.js';
export type { SessionView, TurnInput, TurnOutcome } from './conversation-turns.js';
export type { SessionPart, TurnsOptions } from './list-turns.js';
export type { AnsweredCall, ToolCall, ToolStep, ToolStepsInput } from './tool-steps.js';
export type { TurnView } from './turn-cache.js';
export type { SummaryInput } from './summaries.js';
export type { Window, WindowOptions } from './window.js';
export type { Summarizer, Turn } from './summarizer.js';

export type { BrowseOptions } from './browse.js';
export type { Edited, EditOptions } from './edit.js';
export type { Removed } from './erase.js';
export type { ForgetChoice, ForgetOptions, Receipt } from './forget.js';
export type { HistoryEntry } from './undo.js';
export type { ImportOptions, ImportReport } from './import.js';
export type { CheckReport, Problem } from './check.js';
export type { LongWork, Progress } from './progress.js';

export type { ExtractionInput, Extractor, Statement } from './facts/statement.js';
export { noExtractor } from './facts/statement.js';
export { ruleExtractor } from './facts/rules.js';
export type { FactsOptions } from './facts/list-facts.js';
export type { DateExpression } from './dates/find-dates.js';
export { findDates } from './dates/find-dates.js';

export type { Embedder, EmbeddingRole } from './embedder.js';
export type { EndpointOptions } from './endpoint-embedder.js';
export { connectEndpointEmbedder, endpointEmbedder } from './endpoint-embedder.js';

export type { Encryption } from './privacy/keyring.js';
export type { PersonalDataKind, Redaction, Redactor } from './privacy/redact.js';
export { createRedactor, personalDataKinds } from './privacy/redact.js';
export { readKey } from './store/read-key.js';

export type { Database } from './database.js';
export type { CacheOptions } from './cache-bounds.js';
export { openStore } from './store/open-store.js';
export { openPglite, openPgliteInMemory } from './store/pglite.js';
export { openPostgres } from './store/postgres.js';

export type { LocomoReport } from './bench/locomo.js';
export { benchLocomo } from './bench/locomo.js';
export type { DialogueReport } from './bench/dialogue-recall.js';
export { benchDialogue } from './bench/dialogue-recall.js';
