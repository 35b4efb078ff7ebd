// What `mneme chat` says beside the answers, in both languages. A table.
import type { ChatLanguage } from '../../tasks/chat/message.js';

interface Words {
  readonly begins: (session: string) => string;
  readonly goesOn: (session: string, turns: number) => string;
  readonly help: string;
  readonly stopped: string;
  readonly cutOff: (tokens: number) => string;
  readonly filtered: string;
  readonly again: string;
  readonly retry: string;
  readonly unknown: (command: string) => string;
  readonly indexed: (files: number, added: number, unchanged: number, removed: number) => string;
  readonly skipped: (reason: string) => string;
  readonly erased: (count: number) => string;
  readonly nothingHeld: string;
  readonly written: (lines: number, path: string) => string;
  readonly forgetWhat: string;
  readonly cut: (count: number) => string;
}

export const chatWords: Readonly<Record<ChatLanguage, Words>> = {
  en: {
    begins: (session) => `A new conversation, "${session}". /help shows the commands.`,
    goesOn: (session, turns) =>
      `Going on with "${session}" (${turns} turns); /new begins another. /help shows the commands.`,
    help: `/why [TURN]          what the model was given for the last answer, or that of a turn, and why
/window              the same without the reasons
/memory [WORDS]      what is held to be true of you, or what is remembered about something
/forget WORDS|ID...  erase what has all of these words, or these items, for good
/export [FILE]       everything held of you, one JSON object a line
/retry               answer the last message again
/branch [TURN]       go on from an earlier turn in a conversation of its own
/history             the turns of this conversation, with their numbers
/sessions            your conversations
/new                 begin another one
/quit                leave (or Ctrl-D; Ctrl-C stops an answer, twice leaves)`,
    stopped: 'Stopped; what was said is kept.',
    cutOff: (tokens) => `Cut off at the limit of ${tokens} tokens; --max-tokens allows more.`,
    filtered: 'Ended by the content filter of the endpoint.',
    again: 'Ctrl-C again leaves.',
    retry: '/retry asks again.',
    unknown: (command) => `There is no command ${command}. /help shows them.`,
    indexed: (files, added, unchanged, removed) =>
      `${files} documents: ${added} sections added, ${unchanged} as they were, ${removed} removed.`,
    skipped: (reason) => `Passed over: ${reason}`,
    erased: (count) => `Erased ${count} items, for good.`,
    nothingHeld: 'Nothing is held of you about that.',
    written: (lines, path) => `${lines} lines in ${path}.`,
    forgetWhat: 'Say what to forget: /forget WORDS, or /forget ID with an id that /why shows.',
    cut: (count) => `${count} parts did not fit the window; /window shows them.`,
  },
  zh: {
    begins: (session) => `新的对话“${session}”。输入 /help 查看命令。`,
    goesOn: (session, turns) => `继续对话“${session}”（${turns} 轮）；/new 开始新的对话，/help 查看命令。`,
    help: `/why [轮次]           上一个（或某一轮）回答的依据和原因
/window              同上，不含原因
/memory [词语]        关于你的事实，或与某事有关的记忆
/forget 词语|编号...   永久删除含有这些词语的内容，或这些条目
/export [文件]        导出关于你的全部内容，每行一个 JSON
/retry               重新回答上一条消息
/branch [轮次]        从较早的一轮另开对话
/history             这次对话的各轮及其编号
/sessions            你的所有对话
/new                 开始新的对话
/quit                退出（或 Ctrl-D；Ctrl-C 停止回答，按两次退出）`,
    stopped: '已停止；已说的内容保留。',
    cutOff: (tokens) => `回答到 ${tokens} 个词元的上限处截断；可用 --max-tokens 放宽。`,
    filtered: '回答被端点的内容过滤终止。',
    again: '再按一次 Ctrl-C 退出。',
    retry: '输入 /retry 重试。',
    unknown: (command) => `没有命令 ${command}。输入 /help 查看。`,
    indexed: (files, added, unchanged, removed) =>
      `${files} 份文档：新增 ${added} 节，未变 ${unchanged} 节，移除 ${removed} 节。`,
    skipped: (reason) => `已跳过：${reason}`,
    erased: (count) => `已永久删除 ${count} 条。`,
    nothingHeld: '没有与此有关的内容。',
    written: (lines, path) => `已写入 ${path}，共 ${lines} 行。`,
    forgetWhat: '请说明要忘记什么：/forget 词语，或 /forget 编号（编号见 /why）。',
    cut: (count) => `有 ${count} 处放不下；/window 可查看。`,
  },
};
