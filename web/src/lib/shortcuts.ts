// Which keys do what. Knows nothing of the views; the page gives the actions.

export const shortcutActions = [
  'help',
  'message',
  'search',
  'newSession',
  'window',
  'regenerate',
  'chat',
  'memory',
  'runs',
  'settings',
  'theme',
] as const;
export type ShortcutAction = (typeof shortcutActions)[number];

/** Keys in the order they are pressed. */
export const shortcutKeys: Readonly<Record<ShortcutAction, string>> = {
  help: '?',
  message: 'i',
  search: '/',
  newSession: 'n',
  window: 'w',
  regenerate: 'r',
  chat: 'g c',
  memory: 'g m',
  runs: 'g r',
  settings: 'g s',
  theme: 't',
};

const byKeys = new Map(shortcutActions.map((action) => [shortcutKeys[action], action]));

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

export interface ShortcutReader {
  /** The action that the press completes, if any. `typing`: whether the press belongs to a field or a dialog. */
  press(press: KeyPress, typing: boolean): ShortcutAction | undefined;
}

/** Remembers the first key of a pair until the next press. */
export function createShortcutReader(): ShortcutReader {
  let first = '';
  return {
    press({ key, ctrlKey, altKey, metaKey }, typing) {
      if (typing || ctrlKey || altKey || metaKey || key.length !== 1) {
        first = '';
        return undefined;
      }
      const action = byKeys.get(first === '' ? key : `${first} ${key}`);
      first = first === '' && action === undefined && key === 'g' ? key : '';
      return action;
    },
  };
}
