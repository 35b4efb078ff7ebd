// How the room of a window is divided among its parts. Knows nothing of what is in them.

/** Shares of the room that profile, message and answer leave. What a part does not use goes to the others. */
export interface WindowShares {
  readonly summary: number;
  readonly recalled: number;
  readonly knowledge: number;
  readonly turns: number;
}

export const defaultShares: WindowShares = { summary: 0.1, recalled: 0.2, knowledge: 0.3, turns: 0.4 };
