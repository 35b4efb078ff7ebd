// Gathers what may matter for a message, and builds the window of it: memories, documents, summary, turns. Writes no turn.
import type { Archive, FullItem, ItemId, Recollection } from '../../archive/index.js';
import type { Knowledge } from './knowledge/knowledge.js';
import type { Passages } from './knowledge/passages.js';
import type { ChatLanguage, ChatTurn } from './message.js';
import { assistantSpeaker } from './message.js';
import type { TokenCounter } from './window/build-window.js';
import type { WindowSource } from './window/prompt.js';
import type { WindowShares } from './window/shares.js';
import type { ChatWindow } from './window/window.js';
import { coverage, findPassages, noPassages, tellingWords } from './knowledge/passages.js';
import { questionIn } from './question.js';
import { memorySources, recallMemories } from './memories.js';
import { extendSummary } from './rolling-summary.js';
import { lineageOf } from './session-name.js';
import { turnOf } from './turn.js';
import { buildWindow } from './window/build-window.js';
import { isQuestion } from './wording.js';

/** What stays the same from message to message. */
export interface WindowSetting {
  readonly archive: Archive;
  readonly user: string;
  readonly session: string;
  readonly profile: readonly string[];
  readonly knowledge: Knowledge | undefined;
  readonly limit: number;
  readonly answerTokens: number;
  readonly shares: Partial<WindowShares> | undefined;
}

export interface WindowRequest {
  readonly message: string;
  readonly language: ChatLanguage;
  readonly counter: TokenCounter;
  /** The message where it is stored already, and the answer it had. */
  readonly stored?: { readonly question: ChatTurn; readonly answer?: ChatTurn };
}

export interface PreparedWindow {
  readonly window: ChatWindow;
  /** Whether there are documents and neither they nor the memories speak of what the message names. */
  readonly nothingFound: boolean;
}

/** Turns that are looked at; what is older is in the summary. */
const latestTurns = 200;
const allTurns = 100_000;
/** Memories that have this share of a message's telling words may answer it. */
const enough = 0.5;

/** The turns of a session and those it grew from, in order; older ones only where no summary tells them. */
export async function readTurns(
  { archive, user, session }: Pick<WindowSetting, 'archive' | 'user' | 'session'>,
  summary: FullItem | undefined,
): Promise<readonly ChatTurn[]> {
  const sessions = lineageOf(session);
  const latest = await archive.turns({ user, sessions, limit: latestTurns });
  const isAll = summary !== undefined || latest.length < latestTurns;
  const turns = isAll ? latest : await archive.turns({ user, sessions, limit: allTurns });
  return turns.map(turnOf);
}

const sourceOfTurn = ({ id, text, role, turn, session, time }: ChatTurn): WindowSource => ({
  id,
  text,
  role,
  turn,
  session,
  time,
  kind: 'episode',
});

const sourceOfSummary = (summary: FullItem | undefined): WindowSource | undefined =>
  summary && { id: summary.id, text: summary.text, kind: 'summary', time: summary.time };

const givenIn = (window: ChatWindow): ReadonlySet<ItemId> =>
  new Set(
    window.parts.flatMap(({ kind, items }) =>
      kind === 'recalled' ? [] : items.flatMap(({ id }) => id ?? []),
    ),
  );

/**
 * The window for a message. What fell out of the turns since the last time joins the summary, which is stored.
 *
 * @throws {DataError} when the message and the profile do not fit
 */
export async function prepareWindow(setting: WindowSetting, request: WindowRequest): Promise<PreparedWindow> {
  const { archive, user, session, knowledge } = setting;
  const { message, stored, counter, language } = request;
  const known = new Set([stored?.question.id, stored?.answer?.id].filter((id) => id !== undefined));
  const [summary, memories, passages] = await Promise.all([
    archive.summary({ user, session }),
    recallMemories(archive, user, message),
    knowledge === undefined ? noPassages : findPassages(archive, knowledge, questionIn(message)),
  ]);
  const all = await readTurns(setting, summary);
  const turns = all.filter(({ id }) => !known.has(id));
  const build = (told: FullItem | undefined, given: ReadonlySet<ItemId>): ChatWindow =>
    buildWindow(
      {
        profile: setting.profile,
        summary: sourceOfSummary(told),
        recalled: memorySources(memories, new Set([...given, ...known])),
        knowledge: passages.areEnough ? passages.sources : [],
        turns: turns.map(sourceOfTurn),
        message: stored === undefined ? { text: message } : sourceOfTurn(stored.question),
        language,
      },
      { limit: setting.limit, answerTokens: setting.answerTokens, shares: setting.shares, counter },
    );
  // What is recalled leaves less room for turns, and turns that are given need not be recalled.
  const first = build(summary, new Set());
  const told = await withFallenOut(setting, first, summary, turns);
  const second = build(told, givenIn(first));
  const window = build(told, new Set([...givenIn(first), ...givenIn(second)]));
  return { window, nothingFound: knowledge !== undefined && !speaksOf(passages, memories, message, known) };
}

/** Whether documents have most of what the message names, or something that was told has; to have asked before is no answer. */
function speaksOf(
  passages: Passages,
  memories: readonly Recollection[],
  message: string,
  known: ReadonlySet<ItemId>,
): boolean {
  const asked = tellingWords(message);
  const told = memories.filter(
    ({ item }) =>
      item.speaker !== assistantSpeaker &&
      !isQuestion(item.text) &&
      !known.has(item.id) &&
      !item.sources.some((id) => known.has(id)),
  );
  return passages.areEnough || told.some((memory) => coverage(memory, asked) >= enough);
}

/**
 * The summary with the turns that are neither in it nor in the window, and half of those that would fall out next: so it is
 * written once in a while and not with every message.
 */
function withFallenOut(
  { archive, user, session }: WindowSetting,
  window: ChatWindow,
  summary: FullItem | undefined,
  turns: readonly ChatTurn[],
): Promise<FullItem | undefined> {
  const told = new Set(summary?.sources);
  const out = new Set(
    window.cut.flatMap(({ part, how, id }) => (part === 'turns' && how === 'left-out' ? (id ?? []) : [])),
  );
  const isFallen = ({ id }: ChatTurn): boolean => out.has(id) && !told.has(id);
  const fallen = turns.some(isFallen) ? turns.findLastIndex(isFallen) + 1 : 0;
  const next = fallen === 0 ? 0 : Math.floor((turns.length - fallen) / 2);
  const added = turns.slice(0, fallen + next).filter(({ id }) => !told.has(id));
  const budget = window.parts.find(({ kind }) => kind === 'summary')?.budget ?? 0;
  return extendSummary(archive, { user, session }, summary, added, budget);
}
