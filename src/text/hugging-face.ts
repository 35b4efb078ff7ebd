// Any other tokenizer (WordPiece, Unigram, ...) as the Hugging Face library runs it, behind our contract. Knows nothing of its algorithm.
import { Tokenizer as Implementation } from '@huggingface/tokenizers';
import { messageOf, TokenizerError } from '../core/errors.js';
import { AddedTokens } from './added-tokens.js';
import type { TokenizerFile } from './tokenizer-file.js';
import type { StreamDecoder, Tokenizer } from './tokenizer.js';
import { wellFormed } from './unicode.js';
import { unknownId, Vocabulary } from './vocabulary.js';

/** Not lossless: these tokenizers normalise, drop or join white space. */
export class HuggingFaceTokenizer implements Tokenizer {
  readonly kind = 'hugging-face';
  readonly vocabularySize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly lossless = false;
  private readonly file: TokenizerFile;
  private readonly implementation: Implementation;
  private readonly vocabulary: Vocabulary;

  /** @throws {TokenizerError} when the library does not know this kind or a part is missing */
  constructor(file: TokenizerFile) {
    const { raw, model, normalizer, pre_tokenizer, post_processor, decoder } = file;
    this.file = file;
    try {
      // The library insists on fields that files may leave out.
      const parts = { added_tokens: [], ...raw, normalizer, pre_tokenizer, post_processor, decoder };
      const config = { unk_token: model['unk_token'], clean_up_tokenization_spaces: false };
      this.implementation = new Implementation(parts, config);
      const known = [...this.implementation.get_vocab()].filter(([token]) => typeof token === 'string');
      this.vocabulary = new Vocabulary(new Map(known));
    } catch (cause) {
      const kind = model.type ?? 'without a type';
      const problem = `tokenizer.json has a model (${kind}) that cannot be used: ${messageOf(cause)}. Is the file whole?`;
      throw new TokenizerError(problem, { cause, fields: { kind } });
    }
    this.vocabularySize = this.vocabulary.size;
    this.specialTokens = new AddedTokens(file.added_tokens).special;
  }

  encode(text: string): Int32Array {
    const { ids, tokens } = this.implementation.encode(wellFormed(text), { add_special_tokens: false });
    return Int32Array.from(ids, (id: number | undefined, i) => id ?? unknownToken(tokens[i] ?? ''));
  }

  decode(ids: ArrayLike<number>): string {
    const known = Array.from(ids, (id) => this.checked(id));
    return known.length === 0 ? '' : this.implementation.decode(known);
  }

  /**
   * Decodes the newest ids together with those of the step before, whose text is known, so that spaces and characters that
   * span tokens come out as they do in one piece.
   */
  streamDecoder(): StreamDecoder {
    let context: number[] = [];
    let fresh: number[] = [];
    const freshText = (): string => this.decode([...context, ...fresh]).slice(this.decode(context).length);
    return {
      push: (id) => {
        fresh.push(this.checked(id));
        const text = freshText();
        if (text === '' || text.endsWith('\uFFFD')) return '';
        [context, fresh] = [fresh, []];
        return text;
      },
      end: () => freshText(),
    };
  }

  tokenOf(id: number): string | undefined {
    return this.vocabulary.tokenOf(id);
  }

  idOf(token: string): number | undefined {
    return this.vocabulary.idOf(token);
  }

  toJSON(): Record<string, unknown> {
    return this.file.raw;
  }

  private checked(id: number): number {
    if (this.vocabulary.tokenOf(id) === undefined) throw unknownId(id, this.vocabularySize);
    return id;
  }
}

function unknownToken(token: string): never {
  const problem = `${JSON.stringify(token)} is not in the vocabulary, and the tokenizer has no unknown token.`;
  throw new TokenizerError(problem, { fields: { token } });
}
