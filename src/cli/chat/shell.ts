// A conversation line by line: what is typed is sent or is a command, what is answered is shown. Knows no terminal.
import type { Archive } from '../../archive/index.js';
import type { Conversation } from '../../tasks/chat/conversation.js';
import type { ChatEvent, ChatFinish } from '../../tasks/chat/events.js';
import type { ChatLanguage } from '../../tasks/chat/message.js';
import type { ChatWindow } from '../../tasks/chat/window/window.js';
import type { Interrupts } from './interrupts.js';
import { given } from '../../core/given.js';
import { MnemeError } from '../../core/errors.js';
import { languageOf } from '../../tasks/chat/message.js';
import { placeOf } from '../../tasks/chat/window/prompt.js';
import { faint, harmless, note, print, printJson, printPiece } from '../output.js';
import { chatWords } from './words.js';

export interface ShellSetting {
  readonly archive: Archive;
  readonly interrupts: Interrupts;
  readonly json: boolean;
  /** Of what is said beside the answers; that of the last message when absent. */
  readonly language: ChatLanguage | undefined;
  /** Opens a session, or a new one. */
  readonly open: (session?: string) => Promise<Conversation>;
}

type Events = AsyncIterable<ChatEvent>;

export class ChatShell {
  readonly setting: ShellSetting;
  conversation: Conversation;
  /** How many messages and commands failed. */
  failures = 0;
  #spoken: ChatLanguage = /^zh/i.test(process.env['LANG'] ?? '') ? 'zh' : 'en';

  constructor(setting: ShellSetting, conversation: Conversation) {
    this.setting = setting;
    this.conversation = conversation;
  }

  get language(): ChatLanguage {
    return this.setting.language ?? this.#spoken;
  }

  get words(): (typeof chatWords)[ChatLanguage] {
    return chatWords[this.language];
  }

  /** Prints a result for people, or as JSON. */
  show(lines: readonly string[], value: object): void {
    if (this.setting.json) printJson(value);
    else for (const line of lines) print(harmless(line));
  }

  send(message: string): Promise<void> {
    this.#spoken = languageOf(message);
    return this.answer((signal) => this.conversation.send(message, { signal }));
  }

  /** Shows an answer while it comes. */
  async answer(start: (signal: AbortSignal) => Events): Promise<void> {
    await this.setting.interrupts.during(async (signal) => {
      let text = '';
      let window: ChatWindow | undefined;
      for await (const event of start(signal)) {
        if (event.kind === 'window') ({ window } = event);
        if (event.kind === 'text') {
          text += event.text;
          if (!this.setting.json) printPiece(harmless(event.text));
        }
        if (event.kind === 'done') this.#done(event, text, window);
      }
    });
  }

  /** Does `work` and says what went wrong, so that the conversation can go on. */
  async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof MnemeError) || error.code === 'internal') throw error;
      this.failures++;
      const { code, message, fields } = error;
      note(`error: ${message}${fields['retry'] === true ? ` ${this.words.retry}` : ''}`);
      if (this.setting.json) printJson({ error: { code, message, fields } });
    }
  }

  /** What is to be said of an answer that did not end by itself. */
  #endOf(finish: ChatFinish, window: ChatWindow | undefined): string | undefined {
    if (finish === 'stopped') return this.words.stopped;
    if (finish === 'length') return this.words.cutOff(window?.answerTokens ?? 0);
    return finish === 'content-filter' ? this.words.filtered : undefined;
  }

  #done(event: Extract<ChatEvent, { kind: 'done' }>, text: string, window: ChatWindow | undefined): void {
    const { turn, finish, citations, usage } = event;
    if (this.setting.json) {
      const { session } = this.conversation;
      return printJson({
        session,
        turn: turn?.turn ?? null,
        answer: text,
        finish,
        citations,
        usage,
        window: summaryOf(window),
      });
    }
    if (!text.endsWith('\n')) print('');
    for (const citation of citations) print(faint(harmless(`  [${citation.number}] ${placeOf(citation)}`)));
    const how = this.#endOf(finish, window);
    if (how !== undefined) note(faint(how));
    const lost = window?.cut.filter(({ part }) => part === 'message' || part === 'profile').length ?? 0;
    if (lost > 0) note(faint(this.words.cut(lost)));
  }
}

/** The window without texts: what was given is named by its ids. */
function summaryOf(window: ChatWindow | undefined): object | null {
  if (window === undefined) return null;
  const { tokens, limit, answerTokens, estimated, cut } = window;
  const parts = window.parts.map(({ kind, budget, tokens: used, items }) => ({
    kind,
    budget,
    tokens: used,
    items: items.map(({ id, score, turn, citation, tokens: size }) => ({
      id,
      score,
      turn,
      citation,
      tokens: size,
    })),
  }));
  return { tokens, limit, answerTokens, ...given({ estimated }), parts, cut };
}
