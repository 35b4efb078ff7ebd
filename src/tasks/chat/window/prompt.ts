// Writes the parts of a window as the messages of a prompt. Knows nothing of budgets.
import type { ChatLanguage, ChatMessage } from '../message.js';
import type { ToolMessage } from '../tools.js';
import { messagesOfSteps } from '../tools.js';
import type { WindowItem, WindowPartKind } from './window.js';

/** A text on its way into a window. */
export type WindowSource = Omit<WindowItem, 'tokens'>;

/** The parts of a prompt, each in order. */
export type PromptParts = Readonly<Record<WindowPartKind, readonly WindowSource[]>>;

const headings: Readonly<Record<ChatLanguage, Readonly<Partial<Record<WindowPartKind, string>>>>> = {
  en: {
    summary: 'What was said earlier in this conversation:',
    recalled: 'What you remember of the user, from earlier:',
    knowledge:
      'Passages of the documents. Answer from them alone, cite each one you use as [number], and say so if they do not hold the answer:',
  },
  zh: {
    summary: '这次对话先前说过：',
    recalled: '你记得的关于用户的事：',
    knowledge: '文档中的段落。只根据它们回答，用[编号]注明出处；如果其中没有答案，就直说：',
  },
};

/** What stands above the items of a part; empty where they need no words. */
export const headingOf = (kind: WindowPartKind, language: ChatLanguage): string =>
  headings[language][kind] ?? '';

/** `faq.md, Returns` */
export const placeOf = ({ file, place }: { readonly file: string; readonly place: string }): string =>
  place === '' ? file : `${file}, ${place}`;

/** An item as it is written into the prompt. */
export function lineOf(kind: WindowPartKind, item: WindowSource): string {
  if (kind === 'recalled') {
    const day = item.time?.slice(0, 10);
    const from = [day, item.speaker].filter((part) => part !== undefined).join(', ');
    return `- ${from === '' ? '' : `${from}: `}${item.text}`;
  }
  if (kind === 'knowledge' && item.citation !== undefined)
    return `[${item.citation.number}] ${placeOf(item.citation)}:\n${item.text}`;
  return item.text;
}

const systemKinds = ['profile', 'summary', 'recalled', 'knowledge'] as const;

function sectionOf(kind: WindowPartKind, items: readonly WindowSource[], language: ChatLanguage): string {
  const lines = items.map((item) => lineOf(kind, item));
  const heading = headingOf(kind, language);
  return kind === 'profile' ? lines.join('\n\n') : [heading, ...lines].join('\n');
}

/** Neighbours of one role become one message: some models insist that roles take turns. Calls and results stay as they are. */
function joined(messages: readonly ToolMessage[]): ToolMessage[] {
  const all: ToolMessage[] = [];
  for (const message of messages) {
    const last = all.at(-1);
    if (last !== undefined && isPlain(last) && isPlain(message) && last.role === message.role)
      all[all.length - 1] = { role: last.role, content: `${last.content}\n\n${message.content}` };
    else all.push(message);
  }
  return all;
}

const isPlain = (message: ToolMessage): message is ChatMessage =>
  message.role !== 'tool' && !('toolCalls' in message);

/** What the system message says; empty where there is nothing to say in it. */
export function systemOf(parts: PromptParts, language: ChatLanguage): string {
  const sections = systemKinds.filter((kind) => parts[kind].length > 0);
  return sections.map((kind) => sectionOf(kind, parts[kind], language)).join('\n\n');
}

const messagesOfItem = (
  { role = 'user', text, steps = [] }: WindowSource,
  language: ChatLanguage,
): readonly ToolMessage[] => [{ role, content: text }, ...messagesOfSteps(steps, language)];

/** One system message, where there is anything to say in it, then the turns, then the message. */
export function messagesOf(parts: PromptParts, language: ChatLanguage): readonly ToolMessage[] {
  const system = systemOf(parts, language);
  const said = [...parts.turns, ...parts.message].flatMap((item) => messagesOfItem(item, language));
  return joined(system === '' ? said : [{ role: 'system', content: system }, ...said]);
}
