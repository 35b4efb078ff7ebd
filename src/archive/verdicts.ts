// Decides what becomes of drafts: new, known, almost known, or an echo of what was recalled. Asks no database.
import type { Context } from './context.js';
import type { Draft } from './drafts.js';
import type { OpenScope } from './insert-items.js';
import type { KnownTexts } from './known-texts.js';
import type { Wording } from './near-duplicate.js';
import { comparedOfBand, saysTheSame } from './near-duplicate.js';

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
  let stored = 0;
  const byKey = new Map<string, number>();
  const byBand = new Map<string, { readonly wording: Wording; readonly ordinal: number }[]>();
  return drafts.map((draft, position): Verdict => {
    const known = same.get(draft.contentKey);
    if (known !== undefined)
      return { action: known.state === 'retired' ? 'revive' : 'duplicate', ordinal: known.ordinal };
    const earlier = byKey.get(draft.contentKey);
    if (earlier !== undefined) return { action: 'duplicate', ordinal: earlier };
    const similar =
      near.get(position) ??
      draft.bands
        .flatMap((band) => byBand.get(band)?.slice(-comparedOfBand) ?? [])
        .find(({ wording }) => draft.wording !== undefined && saysTheSame(wording, draft.wording));
    if (similar !== undefined) return { action: 'repeat', ordinal: similar.ordinal };
    const echoed = recalled.sourceOf(open.scope, draft.text);
    if (echoed !== undefined) return { action: 'echo', ordinal: echoed };
    const ordinal = open.nextOrdinal + stored++;
    byKey.set(draft.contentKey, ordinal);
    const { wording } = draft;
    if (wording !== undefined)
      for (const band of draft.bands) {
        const alike = byBand.get(band) ?? [];
        alike.push({ wording, ordinal });
        byBand.set(band, alike);
      }
    return { action: 'store', ordinal };
  });
}
