// Keeps small values in the browser. Where it keeps nothing (a private window, a full disk), the page goes on without.

export interface KeyValues {
  read(name: string): string | undefined;
  /** An empty value is removed. */
  write(name: string, value: string): void;
}

const prefix = 'mneme.';

export function browserValues(storage: () => Storage): KeyValues {
  return {
    read: (name) => {
      try {
        return storage().getItem(prefix + name) ?? undefined;
      } catch {
        return undefined;
      }
    },
    write: (name, value) => {
      try {
        if (value === '') storage().removeItem(prefix + name);
        else storage().setItem(prefix + name, value);
      } catch {
        // Nothing depends on it: the value holds until the page is left.
      }
    },
  };
}
