// Decides what becomes of drafts: new, known, almost known, or an echo of what was recalled. Asks no database.
import type { Context } from './context.js';
import type { Draft } from './drafts.js';
import type { OpenScope } from './insert-items.js';
import type { KnownTexts } from './known-texts.js';
import { saysTheSame } from './near-duplicate.js';

/** What to do with a draft. `ordinal` is the one it gets, or that of the item it repeats. */
export interface Verdict {
  readonly action: 'store' | 'revive' | 'duplicate' | 'repeat' | 'echo';
  readonly ordinal: number;
}

/** Decides in order, so that a batch may repeat itself. */
export function judge(
  { recalled }: Pick<Context, 'recalled'>,
  open: Pick<OpenScope, 'scope' | 'nextOrdinal'>,
  drafts: readonly Draft[],
  { same, near }: KnownTexts,
): readonly Verdict[] {
  const stored: { readonly draft: Draft; readonly ordinal: number }[] = [];
  const byKey = new Map<string, number>();
  const byBand = new Map<string, (typeof stored)[number][]>();
  return drafts.map((draft, position): Verdict => {
    const known = same.get(draft.contentKey);
    if (known !== undefined)
      return { action: known.state === 'retired' ? 'revive' : 'duplicate', ordinal: known.ordinal };
    const earlier = byKey.get(draft.contentKey);
    if (earlier !== undefined) return { action: 'duplicate', ordinal: earlier };
    const similar =
      near.get(position) ??
      draft.bands
        .flatMap((band) => byBand.get(band) ?? [])
        .find((other) => other.draft.speaker === draft.speaker && saysTheSame(other.draft.text, draft.text));
    if (similar !== undefined) return { action: 'repeat', ordinal: similar.ordinal };
    const echoed = recalled.sourceOf(open.scope, draft.text);
    if (echoed !== undefined) return { action: 'echo', ordinal: echoed };
    const entry = { draft, ordinal: open.nextOrdinal + stored.length };
    stored.push(entry);
    byKey.set(draft.contentKey, entry.ordinal);
    for (const band of draft.bands) byBand.set(band, [...(byBand.get(band) ?? []), entry]);
    return { action: 'store', ordinal: entry.ordinal };
  });
}
