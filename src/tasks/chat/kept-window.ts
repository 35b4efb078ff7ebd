// A window as the archive keeps it with its answer, and back: which items were given and how much of each, with no text of
// them. Texts are read when it is shown, so that what was forgotten since is not among them.
import type { Archive, AnswerWindow, Explained, FullItem, ItemId } from '../../archive/index.js';
import { explainedOf } from '../../archive/index.js';
import { hash128, openKey } from '../../archive/analysis/term-ids.js';
import { given } from '../../core/given.js';
import type { ChatLanguage } from './message.js';
import { sessionsOf } from './session-name.js';
import { turnOf } from './turn.js';
import type { ToolStep } from './tools.js';
import { withResultsUpTo } from './window/shorten-results.js';
import type { WindowSource } from './window/prompt.js';
import { messagesOf } from './window/prompt.js';
import { cutAfter, cutOf } from './window/shorten.js';
import { sourceOfMemory, sourceOfPassage, sourceOfSummary, sourceOfTurn } from './window/sources.js';
import type { ChatWindow, WindowItem, WindowPart, WindowPartKind } from './window/window.js';
import { wording } from './wording.js';

/** Windows of another version are not read. */
const version = 1;

/** An item in the outline. */
interface KeptItem {
  readonly id?: ItemId;
  /** Of a text that is no item: who has it can tell that it is the same. */
  readonly digest?: string;
  readonly tokens: number;
  /** After how many UTF-16 units it was cut. */
  readonly cutAfter?: number;
  /** The number of a passage. */
  readonly citation?: number;
  /** How many steps of the message were given, and after how many UTF-16 units their results were cut. */
  readonly steps?: number;
  readonly resultsUpTo?: number;
}

interface KeptPart extends Omit<WindowPart, 'items'> {
  readonly items: readonly KeptItem[];
}

interface Outline extends Omit<ChatWindow, 'parts' | 'messages'> {
  readonly version: typeof version;
  /** Of the words between the parts of the prompt. */
  readonly language: ChatLanguage;
  readonly parts: readonly KeptPart[];
}

/** What may hold words of an item. */
interface KeptDetail {
  readonly score?: number;
  readonly found?: Pick<Explained, 'score' | 'parts' | 'terms'>;
}

const digestOf = (text: string): string => hash128(openKey, `given ${text}`);

/** What the archive is to keep of a window. */
export function keptWindow(window: ChatWindow, language: ChatLanguage): AnswerWindow {
  const { tokens, toolTokens, limit, answerTokens, estimated, cut } = window;
  const shortened = new Set(
    cut.flatMap(({ part, how, id }) => (how === 'shortened' && id !== undefined ? `${part} ${id}` : [])),
  );
  const keptItem = (
    part: WindowPartKind,
    { id, text, tokens: size, citation, steps, resultsUpTo }: WindowItem,
  ): KeptItem => ({
    ...(id === undefined ? { digest: digestOf(text) } : { id }),
    tokens: size,
    ...(shortened.has(`${part} ${id}`) ? { cutAfter: cutOf(text) } : {}),
    ...given({ citation: citation?.number, steps: steps?.length, resultsUpTo }),
  });
  const parts = window.parts.map((part) => ({
    ...part,
    items: part.items.map((item) => keptItem(part.kind, item)),
  }));
  const outline: Outline = {
    version,
    language,
    tokens,
    limit,
    answerTokens,
    ...given({ estimated, toolTokens }),
    parts,
    cut,
  };
  const details = window.parts.flatMap(({ items }) =>
    items.flatMap(({ id, score, found }) =>
      id === undefined || score === undefined ? [] : [[id, JSON.stringify(detailOf(score, found))] as const],
    ),
  );
  return { outline: JSON.stringify(outline), details: new Map(details) };
}

const detailOf = (score: number, found: Explained | undefined): KeptDetail => ({
  score,
  ...(found && { found: { score: found.score, parts: found.parts, terms: found.terms } }),
});

/** An item as it went into a part of the window. */
function sourceOf(kind: WindowPartKind, item: FullItem, { citation = 0 }: KeptItem): WindowSource {
  if (kind === 'summary') return sourceOfSummary(item);
  if (kind === 'recalled') return sourceOfMemory(item);
  if (kind === 'knowledge') return sourceOfPassage(item, citation);
  const { session = '', turn = 0 } = item;
  return sourceOfTurn(turnOf({ ...item, session, turn }));
}

/** Texts that a kept window can be filled with. */
interface Texts {
  readonly items: ReadonlyMap<ItemId, FullItem>;
  readonly details: ReadonlyMap<ItemId, string>;
  /** By message. */
  readonly steps: ReadonlyMap<ItemId, readonly ToolStep[]>;
  /** By digest. */
  readonly profile: ReadonlyMap<string, string>;
  /** Of what is missing. */
  readonly language: ChatLanguage;
  /** In which the answer was given. */
  readonly spoken: ChatLanguage;
}

function filledItem(kind: WindowPartKind, kept: KeptItem, texts: Texts): WindowItem {
  const { id, digest = '', tokens } = kept;
  const words = wording[texts.language];
  if (id === undefined) {
    const text = texts.profile.get(digest);
    return text === undefined ? { text: words.textNotKept, missing: 'not-kept', tokens } : { text, tokens };
  }
  const item = texts.items.get(id);
  if (item === undefined) return { id, text: words.forgottenSince, missing: 'forgotten', tokens };
  const source = sourceOf(kind, item, kept);
  const text = kept.cutAfter === undefined ? source.text : cutAfter(source.text, kept.cutAfter);
  const steps = kept.steps === undefined ? [] : (texts.steps.get(id) ?? []).slice(0, kept.steps);
  const { score, found } = JSON.parse(texts.details.get(id) ?? '{}') as KeptDetail;
  return {
    ...source,
    text,
    tokens,
    ...given({ score, found: found && explainedOf({ item, ...found }) }),
    ...(steps.length > 0 && {
      steps: withResultsUpTo(steps, kept.resultsUpTo ?? Infinity, texts.spoken),
      ...given({ resultsUpTo: kept.resultsUpTo }),
    }),
  };
}

export interface ReadWindowOptions {
  /** Of the words for what is missing; that in which the answer was given when absent. */
  readonly language?: ChatLanguage | undefined;
  /** Texts that were no items, where they are known otherwise than from what is kept with the session. */
  readonly profile?: readonly string[];
}

/**
 * What a model was given for an answer, with the texts as they are held now: an item that was forgotten says so, and so does
 * the prompt in its place.
 *
 * @returns `undefined` where nothing was kept: the answer is no answer, too old, or gone
 */
export async function readWindow(
  archive: Pick<Archive, 'answerWindow' | 'itemsThere' | 'sessionProfile' | 'toolSteps'>,
  answer: ItemId,
  { language, profile = [] }: ReadWindowOptions = {},
): Promise<ChatWindow | undefined> {
  const kept = await archive.answerWindow(answer);
  if (kept === undefined) return undefined;
  const outline = JSON.parse(kept.outline) as Outline;
  if (outline.version !== version) return undefined;
  const { tokens, toolTokens, limit, answerTokens, estimated, cut } = outline;
  const ids = outline.parts.flatMap(({ items }) => items.flatMap(({ id }) => id ?? []));
  const items = new Map(
    (await archive.itemsThere([...new Set([...ids, answer])])).map((item) => [item.id, item]),
  );
  const called = outline.parts.flatMap((part) =>
    part.items.flatMap(({ id, steps }) => (id === undefined || steps === undefined ? [] : [id])),
  );
  const { user, session } = items.get(answer) ?? {};
  const held =
    user === undefined || session === undefined
      ? []
      : ((await archive.sessionProfile({ user, sessions: sessionsOf(session) })) ?? []);
  const texts: Texts = {
    items,
    details: kept.details,
    steps: called.length === 0 ? new Map() : await archive.toolSteps(called),
    profile: new Map([...held, ...profile].map((text) => [digestOf(text), text])),
    language: language ?? outline.language,
    spoken: outline.language,
  };
  const parts = outline.parts.map((part) => ({
    ...part,
    items: part.items.map((item) => filledItem(part.kind, item, texts)),
  }));
  const itemsOf = (kind: WindowPartKind): readonly WindowItem[] =>
    parts.find((part) => part.kind === kind)?.items ?? [];
  const messages = messagesOf(
    {
      profile: itemsOf('profile'),
      summary: itemsOf('summary'),
      recalled: itemsOf('recalled'),
      knowledge: itemsOf('knowledge'),
      turns: itemsOf('turns'),
      message: itemsOf('message'),
    },
    outline.language,
  );
  return { parts, tokens, limit, answerTokens, ...given({ estimated, toolTokens }), messages, cut };
}
