// A window as it goes over the wire: why things were found is said in words. Knows no route.
import type { ChatLanguage, ChatWindow } from '../tasks/chat/index.js';
import type { ChatWindow as WireWindow } from './schemas/window.js';
import { wireMessage } from '../tasks/chat/generators/wire-message.js';
import { explain } from '../archive/explain.js';

export function wireWindow(window: ChatWindow, language: ChatLanguage): WireWindow {
  const parts = window.parts.map((part) => ({
    ...part,
    items: part.items.map(({ found, ...item }) =>
      found === undefined ? item : { ...item, reasons: explain(found, language) },
    ),
  }));
  return { ...window, parts, messages: window.messages.map(wireMessage) };
}
