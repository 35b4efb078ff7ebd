// The list of conversations. Knows nothing of what is in them.
import type { Receipt, Session } from '../../../src/server/wire.js';
import type { ApiError } from './api/api-error.js';
import { asApiError } from './api/api-error.js';
import type { Client } from './api/client.js';

export class Sessions {
  readonly #client: Client;
  readonly #user: () => string | undefined;
  #list: readonly Session[] = $state.raw([]);
  #loaded = $state(false);
  #error: ApiError | undefined = $state.raw();

  constructor(client: Client, user: () => string | undefined) {
    this.#client = client;
    this.#user = user;
  }

  /** The one used last comes first. */
  get list(): readonly Session[] {
    return this.#list;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get error(): ApiError | undefined {
    return this.#error;
  }

  async load(): Promise<void> {
    try {
      const { sessions } = await this.#client.sessions(this.#user());
      this.#list = sessions;
      this.#error = undefined;
    } catch (error) {
      this.#error = asApiError(error);
    }
    this.#loaded = true;
  }

  /** Erases a session and what was learned from it alone. @throws {ApiError} */
  async delete(session: string): Promise<Receipt> {
    const receipt = await this.#client.deleteSession(session, this.#user());
    await this.load();
    return receipt;
  }
}
