// The models that a server has, and which of them answers. Knows nothing of how they are asked.
import type { Client } from './api/client.js';

export class Models {
  readonly #client: Client;
  #names: readonly string[] = $state.raw([]);
  #chosen: string | undefined = $state();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Those that answer. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** The one that answers; `undefined` before one is chosen: the server takes its first. */
  get chosen(): string | undefined {
    return this.#chosen;
  }

  set chosen(name: string | undefined) {
    this.#chosen = name;
  }

  /** A server that does not answer now has no models; the lists beside say why. */
  async load(): Promise<void> {
    const { data } = await this.#client.models().catch(() => ({ data: [] }));
    this.#names = data.filter(({ mneme }) => mneme.kind === 'chat').map(({ id }) => id);
  }
}
