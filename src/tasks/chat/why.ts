// Says in words what a model was given for an answer, and why. Knows nothing of how it was chosen.
import { explain } from '../../archive/index.js';
import type { ChatLanguage } from './message.js';
import { languageOf } from './message.js';
import type { ToolMessage } from './tools.js';
import { messagesOfSteps } from './tools.js';
import { placeOf } from './window/prompt.js';
import type { ChatWindow, WindowCut, WindowItem, WindowPart, WindowPartKind } from './window/window.js';

type Names = Readonly<Record<WindowPartKind, string>>;

const names: Readonly<Record<ChatLanguage, Names>> = {
  en: {
    profile: 'profile',
    summary: 'summary of what was said before',
    recalled: 'recalled',
    knowledge: 'documents',
    turns: 'turns',
    message: 'message',
  },
  zh: {
    profile: '设定',
    summary: '先前的摘要',
    recalled: '回忆',
    knowledge: '文档',
    turns: '对话',
    message: '消息',
  },
};

const words = {
  en: {
    total: (used: number, limit: number, answer: number) =>
      `${used} tokens of prompt; the model has ${limit}, of which ${answer} are kept for the answer`,
    estimated: 'tokens are estimated: the model counts its own',
    part: (name: string, tokens: number, budget: number) => `${name}: ${tokens} tokens of ${budget}`,
    how: {
      'left-out': 'left out',
      shortened: 'shortened',
      unreadable: 'partly unreadable',
      'results-cut': 'results of tools cut',
      'calls-left-out': 'given without its calls of tools',
    },
  },
  zh: {
    total: (used: number, limit: number, answer: number) =>
      `提示共 ${used} 个词元；模型上限 ${limit}，其中 ${answer} 个留给回答`,
    estimated: '词元数为估计值：以模型自己的计数为准',
    part: (name: string, tokens: number, budget: number) => `${name}：${tokens} 个词元，上限 ${budget}`,
    how: {
      'left-out': '未放入',
      shortened: '已缩短',
      unreadable: '部分无法读取',
      'results-cut': '工具结果已截断',
      'calls-left-out': '未附其工具调用',
    },
  },
} as const;

const shownLength = 100;
const brief = (text: string): string => {
  const line = text.replace(/\s+/gu, ' ').trim();
  return line.length <= shownLength ? line : `${line.slice(0, shownLength)}…`;
};

function itemLines(
  { id, citation, time, text, found, steps = [] }: WindowItem,
  language: ChatLanguage,
): readonly string[] {
  const reasons = found === undefined ? [] : explain(found, language);
  const from = [
    citation === undefined ? undefined : `[${citation.number}] ${placeOf(citation)}`,
    id,
    time?.slice(0, 10),
  ];
  return [
    `  ${from.filter((part) => part !== undefined).join('  ')}  ${brief(text)}`,
    ...messagesOfSteps(steps, language).map((message) => `      ${callLine(message)}`),
    ...reasons.map((reason) => `      ${reason}`),
  ];
}

/** `→ clock({"zone":"Lyon"})`, `← 12:30` */
const callLine = (message: ToolMessage): string =>
  message.role === 'tool' ? `← ${brief(message.content)}` : ['→', ...callsIn(message)].join(' ');

const callsIn = (message: ToolMessage): readonly string[] =>
  'toolCalls' in message
    ? message.toolCalls.map(({ name, arguments: given }) => `${name}(${brief(given)})`)
    : [];

function partLines(part: WindowPart, language: ChatLanguage): readonly string[] {
  if (part.items.length === 0) return [];
  const name = names[language][part.kind];
  return [
    words[language].part(name, part.tokens, part.budget),
    ...part.items.flatMap((item) => itemLines(item, language)),
  ];
}

function cutLine({ part, how, id, turn, tokens, kept }: WindowCut, language: ChatLanguage): string {
  const which = id ?? (turn === undefined ? '' : `#${turn}`);
  return `${words[language].how[how]}: ${names[language][part]} ${which} (${kept}/${tokens})`;
}

/** The language of the message that a window was built for. */
export const languageIn = ({ parts }: ChatWindow): ChatLanguage =>
  languageOf(parts.find(({ kind }) => kind === 'message')?.items[0]?.text ?? '');

/** The window in words, one line each. */
export function describeWindow(window: ChatWindow, language: ChatLanguage): readonly string[] {
  return [
    words[language].total(window.tokens, window.limit, window.answerTokens),
    ...(window.estimated ? [words[language].estimated] : []),
    ...window.parts.flatMap((part) => partLines(part, language)),
    ...window.cut.map((cut) => cutLine(cut, language)),
  ];
}
