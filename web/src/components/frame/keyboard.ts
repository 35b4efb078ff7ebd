// What the shortcuts of the page do. Knows the ids of the fields they lead to.
import type { Page } from '../../lib/page.svelte.js';
import type { ShortcutAction } from '../../lib/shortcuts.js';
import { createShortcutReader } from '../../lib/shortcuts.js';
import { tick } from 'svelte';

/** Fields that a shortcut leads to, by their ids. */
export const messageField = 'message';
export const searchField = 'memory-search';

async function focusOn(id: string): Promise<void> {
  await tick();
  document.getElementById(id)?.focus();
}

function currentChat(page: Page): { readonly view: 'chat'; readonly name?: string } {
  const { session } = page.conversation;
  return session === undefined ? { view: 'chat' } : { view: 'chat', name: session };
}

/** From what is seen: light becomes dark, and dark light. */
export function switchTheme(page: Page): void {
  const dark =
    page.settings.theme === 'auto'
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : page.settings.theme === 'dark';
  page.settings.theme = dark ? 'light' : 'dark';
}

export function newConversation(page: Page): Promise<void> {
  page.conversation.startNew();
  page.router.go({ view: 'chat' });
  return focusOn(messageField);
}

const actions: Readonly<Record<ShortcutAction, (page: Page) => void>> = {
  help: (page) => (page.helpOpen = true),
  message: (page) => {
    if (page.router.route.view !== 'chat') page.router.go(currentChat(page));
    void focusOn(messageField);
  },
  search: (page) => {
    page.router.go({ view: 'memory' });
    void focusOn(searchField);
  },
  newSession: (page) => void newConversation(page),
  window: (page) => (page.windowOpen = !page.windowOpen),
  regenerate: (page) => void page.conversation.regenerate(),
  chat: (page) => page.router.go(currentChat(page)),
  memory: (page) => page.router.go({ view: 'memory' }),
  runs: (page) => page.router.go({ view: 'runs' }),
  settings: (page) => page.router.go({ view: 'settings' }),
  theme: switchTheme,
};

/** Whether keys belong to what has the focus: something to type in, or a dialog. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, dialog, [contenteditable]') !== null
  );
}

export function createKeyboard(page: Page): (event: KeyboardEvent) => void {
  const reader = createShortcutReader();
  return (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === 'Escape' && page.conversation.busy) return page.conversation.stop();
    if (!page.settings.shortcuts) return;
    const action = reader.press(event, isTyping(event.target));
    if (action === undefined) return;
    event.preventDefault();
    actions[action](page);
  };
}
