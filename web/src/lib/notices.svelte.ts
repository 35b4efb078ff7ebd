// A short word on what was just done, with at most one thing to do about it. Knows no words itself.

export interface Notice {
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => Promise<void> };
}

export class Notices {
  #current: Notice | undefined = $state.raw();

  get current(): Notice | undefined {
    return this.#current;
  }

  show(notice: Notice): void {
    this.#current = notice;
  }

  dismiss(): void {
    this.#current = undefined;
  }
}
