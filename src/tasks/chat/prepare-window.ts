// Gathers what may matter for a message, and builds the window of it: memories, documents, summary, turns. Writes no turn.
import type { Archive, FullItem, ItemId, Recollection } from '../../archive/index.js';
import type { Knowledge } from './knowledge/knowledge.js';
import type { Passages } from './knowledge/passages.js';
import type { ChatLanguage, ChatTurn } from './message.js';
import { assistantSpeaker } from './message.js';
import type { TokenCounter } from './window/build-window.js';
import type { WindowShares } from './window/shares.js';
import type { ChatWindow } from './window/window.js';
import { coverage, findPassages, noPassages, tellingWords } from './knowledge/passages.js';
import { questionIn } from './question.js';
import { memorySources, recallMemories } from './memories.js';
import { extendSummary } from './rolling-summary.js';
import { lineageOf, sessionsOf } from './session-name.js';
import type { ToolFields, ToolStep } from './tools.js';
import { turnOf } from './turn.js';
import { buildWindow } from './window/build-window.js';
import { sourceOfSummary, sourceOfTurn } from './window/sources.js';
import { isQuestion } from './wording.js';

/** What stays the same from message to message. */
export interface WindowSetting {
  readonly archive: Archive;
  readonly user: string;
  readonly session: string;
  /** That which was kept with the session, when `undefined`. */
  readonly profile: readonly string[] | undefined;
  readonly knowledge: Knowledge | undefined;
  /** Whether the model can call tools: one that cannot is given messages and answers alone. */
  readonly callsTools: boolean;
  readonly limit: number;
  readonly answerTokens: number;
  readonly shares: Partial<WindowShares> | undefined;
}

export interface WindowRequest {
  readonly message: string;
  readonly language: ChatLanguage;
  readonly counter: TokenCounter;
  /** Those that are offered for it. */
  readonly tools?: ToolFields | undefined;
  /** Calls for it so far, and what they gave. */
  readonly steps?: readonly ToolStep[];
  /** The message where it is stored already, and the answer it had. */
  readonly stored?: { readonly question: ChatTurn; readonly answer?: ChatTurn };
}

/** What a window is made of. */
interface Gathered {
  readonly profile: readonly string[];
  /** The profile where it is not the one that is kept. */
  readonly changedProfile: readonly string[] | undefined;
  readonly summary: FullItem | undefined;
  readonly memories: readonly Recollection[];
  readonly passages: Passages;
  readonly turns: readonly ChatTurn[];
}

export interface PreparedWindow {
  readonly window: ChatWindow;
  readonly gathered: Gathered;
  /** Whether there are documents and neither they nor the memories speak of what the message names. */
  readonly nothingFound: boolean;
}

/** Turns that are looked at first; more only where the summary does not reach up to them. */
const latestTurns = 100;
const allTurns = 100_000;
/** Memories that have this share of a message's telling words may answer it. */
const enough = 0.5;

/** What the answers of a session, or of what it grew from, begin from. */
async function readProfile({
  archive,
  user,
  session,
  profile: given,
}: WindowSetting): Promise<Pick<Gathered, 'profile' | 'changedProfile'>> {
  const sessions = sessionsOf(session);
  const kept = (await archive.sessionProfile({ user, sessions })) ?? [];
  if (given === undefined) return { profile: kept, changedProfile: undefined };
  const isKept = JSON.stringify(archive.storableProfile(given)) === JSON.stringify(kept);
  return { profile: given, changedProfile: isKept ? undefined : given };
}

/** The summary of a session, its turns and those it grew from, in order; older ones only where the summary does not tell them. */
async function readSaid({
  archive,
  user,
  session,
  callsTools,
}: WindowSetting): Promise<Pick<Gathered, 'summary' | 'turns'>> {
  const sessions = lineageOf(session);
  const [summary, latest] = await Promise.all([
    archive.summary({ user, session }),
    archive.turns({ user, sessions, limit: latestTurns }),
  ]);
  const [oldest] = latest;
  const isTold = oldest !== undefined && summary?.sources.includes(oldest.id) === true;
  const turns =
    isTold || latest.length < latestTurns ? latest : await archive.turns({ user, sessions, limit: allTurns });
  return { summary, turns: turns.map(turnOf).map((turn) => (callsTools ? turn : withoutSteps(turn))) };
}

function withoutSteps<T extends { readonly steps?: readonly ToolStep[] }>(said: T): Omit<T, 'steps'> {
  const { steps: _, ...alone } = said;
  return alone;
}

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
  const { archive, user, knowledge } = setting;
  const { message, stored } = request;
  const known = new Set([stored?.question.id, stored?.answer?.id].filter((id) => id !== undefined));
  const [{ summary, turns: all }, profile, memories, passages] = await Promise.all([
    readSaid(setting),
    readProfile(setting),
    recallMemories(archive, user, message),
    knowledge === undefined ? noPassages : findPassages(archive, knowledge, questionIn(message)),
  ]);
  const turns = all.filter(({ id }) => !known.has(id));
  const gathered = { ...profile, summary, memories, passages, turns };
  // What is recalled leaves less room for turns, and turns that are given need not be recalled.
  const first = windowOf(setting, request, gathered, known);
  const told = { ...gathered, summary: await withFallenOut(setting, first, gathered, false) };
  const given = new Set([...givenIn(first), ...known]);
  const second = windowOf(setting, request, told, given);
  const added = [...givenIn(second)].filter((id) => !given.has(id));
  const window =
    added.length === 0 ? second : windowOf(setting, request, told, new Set([...given, ...added]));
  const nothingFound = knowledge !== undefined && !speaksOf(passages, memories, message, known);
  return { window, gathered: told, nothingFound };
}

/**
 * Sums up now what would fall out of the window before the next answer, as if it were to be given what this one was: so
 * that nobody waits for it then. What falls out against expectation is summed up then all the same.
 */
export async function sumUpAhead(
  setting: WindowSetting,
  request: WindowRequest,
  gathered: Gathered,
): Promise<void> {
  const next = { ...gathered, ...(await readSaid(setting)) };
  await withFallenOut(setting, windowOf(setting, request, next, new Set()), next, true);
}

const toolTokens = (counter: TokenCounter, tools: ToolFields = {}): number =>
  Object.keys(tools).length === 0 ? 0 : counter.countTokens(JSON.stringify(tools));

/** @param given ids of what need not be recalled */
function windowOf(
  { limit, answerTokens, shares }: WindowSetting,
  { message, stored, counter, language, tools, steps = [] }: WindowRequest,
  { profile, summary, memories, passages, turns }: Gathered,
  given: ReadonlySet<ItemId>,
): ChatWindow {
  const source = stored === undefined ? { text: message } : withoutSteps(sourceOfTurn(stored.question));
  return buildWindow(
    {
      profile,
      summary: summary && sourceOfSummary(summary),
      recalled: memorySources(memories, given),
      knowledge: passages.areEnough ? passages.sources : [],
      turns: turns.map(sourceOfTurn),
      message: steps.length === 0 ? source : { ...source, steps },
      language,
    },
    { limit, answerTokens, shares, counter, toolTokens: toolTokens(counter, tools) },
  );
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
 *
 * @param later whether nobody waits for it
 */
function withFallenOut(
  { archive, user, session }: WindowSetting,
  window: ChatWindow,
  { summary, turns }: Pick<Gathered, 'summary' | 'turns'>,
  later: boolean,
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
  return extendSummary(archive, { user, session }, summary, added, budget, later);
}
