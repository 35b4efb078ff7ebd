// The migrations in order. A published one never changes; a new schema is a new file at the end.
import { items } from './0001-items.js';
import { facts } from './0002-facts.js';
import { history } from './0003-history.js';
import { documents } from './0004-documents.js';
import { embeddings } from './0005-embeddings.js';
import { settings } from './0006-settings.js';
import { analyzers } from './0007-analyzers.js';
import { revisions } from './0008-revisions.js';
import { codes } from './0009-codes.js';
import { answerWindows } from './0010-answer-windows.js';
import { heldScopes } from './0011-held-scopes.js';
import { sessionProfiles } from './0012-session-profiles.js';
import { noSamples } from './0013-no-samples.js';
import { toolSteps } from './0014-tool-steps.js';
import { heldFacts } from './0015-held-facts.js';
import { erasedTogether } from './0016-erased-together.js';
import { firstStatistics } from './0017-first-statistics.js';

export const migrations: readonly string[] = [
  items,
  facts,
  history,
  documents,
  embeddings,
  settings,
  analyzers,
  revisions,
  codes,
  answerWindows,
  heldScopes,
  sessionProfiles,
  noSamples,
  toolSteps,
  heldFacts,
  erasedTogether,
  firstStatistics,
];
