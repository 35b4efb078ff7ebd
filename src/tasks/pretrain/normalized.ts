// Texts as a recipe of pre-training wants them read. Knows nothing of tokens.
import type { TextSource } from '../../data/index.js';
import type { PretrainingRecipe } from './recipe.js';

/** A text as the tokenizer of a recipe is given it. Tokenizers of encoders drop case themselves. */
export function normalized(recipe: PretrainingRecipe, text: string): string {
  return recipe.task === 'gap-sentences' && recipe.lowercase ? text.toLowerCase() : text;
}

/** All texts of a source as the tokenizer of a recipe is given them. */
export function normalizedSource(recipe: PretrainingRecipe, source: TextSource): TextSource {
  return {
    name: source.name,
    totalBytes: () => source.totalBytes(),
    async *pieces() {
      for await (const piece of source.pieces()) yield { ...piece, text: normalized(recipe, piece.text) };
    },
  };
}
