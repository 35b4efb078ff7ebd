// One self-contained page that shows what happens inside of a model while it reads. Knows nothing of how it was found out.
import type { Inspection, View } from '../../tasks/language-model/inspect.js';
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';

/** What the page is about. */
export interface PageFacts {
  readonly run: string;
  /** In a few words: the memories and sizes of the model. */
  readonly model: string;
  /** The memory of each block. */
  readonly memories: readonly string[];
}

/** A view as the page holds it: one byte a number, between `low` and `high`. */
interface PackedView {
  readonly kind: View['kind'];
  readonly label: string;
  /** Whether columns are tokens that are looked at. */
  readonly looks: boolean;
  readonly rows: number;
  readonly columns: number;
  readonly low: number;
  readonly high: number;
  /** Row by row, in base64; one for each head. */
  readonly planes: readonly string[];
}

/** Scores of what is not there are -Infinity, or far below any score. */
const notThere = 1e8;

/** Activations that all stay below it are no gates, which open somewhere, but rates. */
const leastOfGates = 0.1;

/** Surprise from which on a token is as hot as it gets, in nats; more only where the text is more surprising. */
const hottestAtLeast = 4;

/** @returns HTML without any reference to the network; all text of the inspection is escaped */
export function inspectionPage(
  { tokens, meanSurprise, views }: Inspection,
  { run, model, memories }: PageFacts,
): string {
  const surprises = tokens.map(({ surprise }) => surprise ?? 0);
  const highest = surprises.reduce((a, b) => Math.max(a, b), 0);
  const hottest = Math.max(hottestAtLeast, quantile(surprises, 0.95));
  const data = { tokens, highest, hottest, views: views.map((view) => pack(view, tokens.length, memories)) };
  const mean =
    meanSurprise === null
      ? ''
      : ` &middot; mean surprise ${meanSurprise.toFixed(3)} nats (perplexity ${Math.exp(meanSurprise).toFixed(2)})`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inside ${escaped(run)}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>Inside ${escaped(run)}</h1>
<p class="note">${escaped(model)} &middot; ${tokens.length} tokens${mean}</p>
</header>
<main>
<div class="controls">
<span>surprise<span class="key heat"></span>0 to ${hottest.toFixed(1)} nats</span>
<span id="looking">what the chosen token looked at<span class="key look"></span><select id="looker"></select></span>
<span class="faint">Click a token, or use the arrow keys.</span>
</div>
<div class="top">
<div id="text" class="panel"></div>
<div id="views"></div>
<aside id="detail" class="panel"></aside>
</div>
<footer></footer>
</main>
<div id="tip"></div>
<script type="application/json" id="data">${embedded(data)}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

/** Text inside of an element. */
function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => names[character] ?? character);
}

/** JSON inside of a script element, which must not contain the end of one. */
function embedded(data: unknown): string {
  return JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** `blocks.1.memory.layers.0.reset` as `Block 1, gru: layers.0.reset`. */
function labelOf(path: string, memories: readonly string[]): string {
  const [, block = '', rest = ''] = /^blocks\.(\d+)\.memory\.(.*)$/.exec(path) ?? [];
  return block === '' ? path : `Block ${block}, ${memories[Number(block)] ?? 'memory'}: ${rest}`;
}

function pack(view: View, tokens: number, memories: readonly string[]): PackedView {
  const planes = planesOf(view, tokens);
  const columns = planes.flat().reduce((most, row) => Math.max(most, row.length), 0);
  const known = (value: number): number => (Math.abs(value) < notThere ? value : 0);
  const numbers = planes.flat(2).map(known);
  const least = numbers.reduce((a, b) => Math.min(a, b), 0);
  const most = numbers.reduce((a, b) => Math.max(a, b), 0);
  // Gates between 0 and 1 are shown as such, so that they can be compared; rates that never come near 1 would not be seen.
  const isGate = view.kind === 'activations' && least >= 0 && most <= 1 && most > leastOfGates;
  const high = isGate ? 1 : Math.max(most, 1e-9);
  const byte = (value: number): number => Math.round((255 * (known(value) - least)) / (high - least));
  return {
    kind: view.kind,
    label: labelOf(view.path, memories),
    looks: view.kind !== 'activations' && columns === tokens,
    rows: tokens,
    columns,
    low: least,
    high,
    planes: planes.map((rows) => base64(Uint8Array.from(rows.flat(), byte))),
  };
}

/** Rows of numbers, one for each token; what was fetched becomes a map with equal shares. */
function planesOf(view: View, tokens: number): readonly (readonly (readonly number[])[])[] {
  if (view.kind === 'activations') return [view.values];
  if (view.kind === 'attention') return view.heads;
  return view.heads.map((head) =>
    head.map((places) => {
      const row = Array.from({ length: tokens }, () => 0);
      for (const place of places) row[place] = (row[place] ?? 0) + 1 / places.length;
      return row;
    }),
  );
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
