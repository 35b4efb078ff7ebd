// Everything the page knows, made once and given to its components. Knows nothing of how anything looks.
import { createContext } from 'svelte';
import type { Client } from './api/client.js';
import { Conversation } from './conversation.svelte.js';
import type { Drafts } from './drafts.js';
import { createDrafts } from './drafts.js';
import { Memory } from './memory.svelte.js';
import { Models } from './models.svelte.js';
import { Notices } from './notices.svelte.js';
import type { Router } from './router.svelte.js';
import { Runs } from './runs.svelte.js';
import { Sessions } from './sessions.svelte.js';
import type { Settings } from './settings.svelte.js';
import type { KeyValues } from './storage.js';
import type { Language, Texts } from './texts/texts.js';
import { texts } from './texts/texts.js';

export interface PageParts {
  readonly client: Client;
  readonly settings: Settings;
  readonly router: Router;
  readonly values: KeyValues;
  readonly newSession: () => string;
  readonly sleep: (ms: number) => Promise<void>;
}

export class Page {
  readonly client: Client;
  readonly settings: Settings;
  readonly router: Router;
  readonly drafts: Drafts;
  readonly models: Models;
  readonly sessions: Sessions;
  readonly conversation: Conversation;
  readonly memory: Memory;
  readonly runs: Runs;
  readonly notices = new Notices();
  /** Whether what the model was given is shown where there is not room for everything. */
  windowOpen = $state(false);
  /** Whether the menu covers the page, on small screens. */
  menuOpen = $state(false);
  helpOpen = $state(false);

  constructor({ client, settings, router, values, newSession, sleep }: PageParts) {
    const user = (): string | undefined => (settings.user === '' ? undefined : settings.user);
    this.client = client;
    this.settings = settings;
    this.router = router;
    this.drafts = createDrafts(values);
    this.models = new Models(client);
    this.sessions = new Sessions(client, user);
    this.conversation = new Conversation({
      client,
      user,
      newSession,
      sleep,
      model: () => this.models.chosen,
      language: () => settings.language,
      changed: () => void this.sessions.load(),
    });
    this.memory = new Memory(client, user, () => settings.language);
    this.runs = new Runs(client, sleep);
  }

  get language(): Language {
    return this.settings.language;
  }

  /** The texts in the language of the page. */
  get t(): Texts {
    return texts[this.settings.language];
  }
}

const [usePage, providePage] = createContext<Page>();
export { providePage, usePage };
