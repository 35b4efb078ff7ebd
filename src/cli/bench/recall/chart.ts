// A chart of lines as SVG, written by hand. Knows nothing of what it shows.

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** What the pointer is told. */
  readonly title: string;
}

export interface ChartLine {
  readonly label: string;
  /** Number of the colour, from 0. */
  readonly colour: number;
  readonly points: readonly ChartPoint[];
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  /** Powers of two are as far apart as their exponents. */
  readonly logarithmic?: boolean;
  /** Labels of the x axis, which reaches from the least to the greatest of points and ticks. */
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
  readonly lines: readonly ChartLine[];
}

const [width, height] = [440, 290];
const margin = { left: 46, right: 18, top: 14, bottom: 46 };
/** Colours of the style sheet. */
const colours = 8;

/** Text that may stand in HTML and in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** From values to pixels. */
function scales({ lines, ticks, logarithmic = false }: Chart) {
  const along = (x: number): number => (logarithmic ? Math.log2(x) : x);
  const values = [ticks, ...lines.map(({ points }) => points)].flatMap((places) =>
    places.map(({ x }) => along(x)),
  );
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  // One value alone stands in the middle.
  const share = (x: number): number => (most === least ? 0.5 : (along(x) - least) / (most - least));
  return {
    x: (x: number): number => margin.left + inner.width * (0.03 + 0.94 * share(x)),
    y: (y: number): number => margin.top + inner.height * (1 - y),
  };
}

const pixels = (value: number): string => value.toFixed(1);

function lineOf({ points, colour, label }: ChartLine, { x, y }: ReturnType<typeof scales>): string {
  const places = points.map((point) => `${pixels(x(point.x))},${pixels(y(point.y))}`);
  const dots = points.map(
    (point, i) =>
      `<circle cx="${places[i]?.split(',')[0]}" cy="${places[i]?.split(',')[1]}" r="4.5"><title>${escapeHtml(point.title)}</title></circle>`,
  );
  return `<g class="line c${colour % colours}" aria-label="${escapeHtml(label)}"><polyline points="${places.join(' ')}"/>${dots.join('')}</g>`;
}

/** Those of the labels, from left to right, that do not run into the one before. */
function apart(labels: readonly { readonly at: number; readonly label: string }[]) {
  let end = -Infinity;
  return labels.filter(({ at, label }) => {
    const half = 4 * label.length;
    if (at - half < end) return false;
    end = at + half + 4;
    return true;
  });
}

/** Lines over a share from 0 to 1. @returns an SVG element; its colours come from the style sheet of the page */
export function lineChart(chart: Chart): string {
  const scale = scales(chart);
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const shares = [0, 0.25, 0.5, 0.75, 1].map((y) => {
    const at = pixels(scale.y(y));
    return `<path class="grid" d="M${margin.left} ${at}H${right}"/><text x="${margin.left - 8}" y="${at}" dy="0.32em" text-anchor="end">${100 * y} %</text>`;
  });
  const ticks = apart(chart.ticks.map(({ x, label }) => ({ at: scale.x(x), label }))).map(
    ({ at, label }) =>
      `<path class="grid" d="M${pixels(at)} ${bottom}v5"/><text x="${pixels(at)}" y="${bottom + 19}" text-anchor="middle">${escapeHtml(label)}</text>`,
  );
  return [
    `<figure><figcaption>${escapeHtml(chart.title)}</figcaption>`,
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(chart.title)}">`,
    ...shares,
    ...ticks,
    `<text class="axis" x="${(margin.left + right) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(chart.xLabel)}</text>`,
    ...chart.lines.map((line) => lineOf(line, scale)),
    '</svg></figure>',
  ].join('\n');
}
