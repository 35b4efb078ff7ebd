// What the program itself says in a conversation, in both languages. Knows nothing of when.
import { simplified } from '../../archive/simplified.js';
import type { ChatLanguage } from './message.js';

interface Wording {
  /** The documents do not hold an answer. */
  readonly notInDocuments: string;
  /** Nothing was told that answers it. */
  readonly notRemembered: string;
  /** Something was told and kept. */
  readonly noted: string;
  /** Before what was told. @param day such as 2026-03-02 */
  readonly told: (day: string, text: string) => string;
  /** In the place of a text that was given for an answer and was forgotten since. */
  readonly forgottenSince: string;
  /** In the place of a text that was given for an answer and is kept nowhere. */
  readonly textNotKept: string;
  /** In the place of what a call gave that nobody has answered. */
  readonly noResult: string;
  /** After the beginning of what a call gave, in characters. */
  readonly resultCut: (shown: number, all: number) => string;
}

export const wording: Readonly<Record<ChatLanguage, Wording>> = {
  en: {
    notInDocuments: 'That is not in the documents.',
    notRemembered: 'I remember nothing about that.',
    noted: 'Noted.',
    told: (day, text) => `On ${day} you said: ${text}`,
    forgottenSince: '(forgotten since)',
    textNotKept: '(text not kept)',
    noResult: '(no result: this call was not answered)',
    resultCut: (shown, all) => `[cut: the first ${shown} of ${all} characters]`,
  },
  zh: {
    notInDocuments: '文档里没有提到。',
    notRemembered: '我不记得与此有关的事。',
    noted: '记下了。',
    told: (day, text) => `${day} 你说过：${text}`,
    forgottenSince: '（此后已遗忘）',
    textNotKept: '（原文未保存）',
    noResult: '（无结果：此调用未得到答复）',
    resultCut: (shown, all) => `［已截断：共 ${all} 个字符，此为前 ${shown} 个］`,
  },
};

const english =
  /^\W*(?:who|whom|whose|what|when|where|why|how|which|can|could|do|does|did|is|are|was|were|will|would|may|should|tell me|show me|explain)\b/iu;
const chinese =
  /吗|呢|什么|怎么|怎样|如何|哪|谁|多少|几|是否|为什么|为何|能不能|可不可以|有没有|是不是|请问|告诉我|讲讲|说说/u;

/** Whether a message asks something, by its words and marks. */
export const isQuestion = (text: string): boolean =>
  /[?？]/u.test(text) || english.test(text) || chinese.test(simplified(text));
