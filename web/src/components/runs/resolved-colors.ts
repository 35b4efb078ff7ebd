// The page's colours as a canvas can use them. Knows nothing of what is drawn.

export interface ChartColors {
  readonly ink: string;
  readonly grid: string;
  readonly curves: readonly string[];
}

const curves = ['--part-recalled', '--part-message', '--part-knowledge', '--part-summary', '--part-profile'];

/** A canvas knows no custom properties: they are read from an element that has them as its colour. */
export function resolvedColors(place: HTMLElement): ChartColors {
  const probe = document.createElement('span');
  place.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = { ink: read('--ink-soft'), grid: read('--line'), curves: curves.map(read) };
  probe.remove();
  return colors;
}
