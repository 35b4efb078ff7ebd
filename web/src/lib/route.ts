// The views of the page as addresses behind `#`, so that they can be linked to and the browser's buttons work.

export const views = ['chat', 'memory', 'runs', 'settings'] as const;
export type View = (typeof views)[number];

export interface Route {
  readonly view: View;
  /** The session, or the run. */
  readonly name?: string;
  /** The item of the archive to show: a turn of the session. */
  readonly item?: string;
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** Anything that is not an address of the page shows the conversation. */
export function parseRoute(hash: string): Route {
  const [view, name, item] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode);
  const known = views.find((candidate) => candidate === view);
  if (known === undefined) return { view: 'chat' };
  return {
    view: known,
    ...(name === undefined || name === '' ? {} : { name }),
    ...(item === undefined || item === '' ? {} : { item }),
  };
}

export function formatRoute({ view, name, item }: Route): string {
  const parts = [view, ...(name === undefined ? [] : [name, ...(item === undefined ? [] : [item])])];
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}
