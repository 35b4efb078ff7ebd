// Finds the pieces of a vocabulary that start at a place in a text, all in one walk. Knows nothing of scores.
import { PairTable } from './pair-table.js';

/** A tree of code points: pieces with the same beginning share its nodes. Node 0 is the empty beginning. */
export class PieceTrie {
  private readonly edges: PairTable;
  /** The id of the piece that ends at each node; -1 where none does. */
  private readonly ids: number[] = [-1];

  /** @param pieces in the order of their ids; one that stands twice has the last of its ids */
  constructor(pieces: readonly string[]) {
    this.edges = new PairTable(pieces.length * 2);
    pieces.forEach((piece, id) => this.add(piece, id));
  }

  /** The node behind `codePoint`, or -1. */
  step(node: number, codePoint: number): number {
    return this.edges.get(node, codePoint);
  }

  /** The id of the piece that ends at a node, or -1. */
  pieceAt(node: number): number {
    return this.ids[node] as number;
  }

  private add(piece: string, id: number): void {
    let node = 0;
    for (const character of piece) {
      const codePoint = character.codePointAt(0) as number;
      let next = this.edges.get(node, codePoint);
      if (next < 0) {
        next = this.ids.push(-1) - 1;
        this.edges.set(node, codePoint, next);
      }
      node = next;
    }
    this.ids[node] = id;
  }
}

/** The code points of a text. */
export function codePointsOf(text: string): Int32Array {
  const codes = new Int32Array(text.length);
  let count = 0;
  for (let at = 0; at < text.length;) {
    const codePoint = text.codePointAt(at) as number;
    codes[count++] = codePoint;
    at += codePoint > 0xffff ? 2 : 1;
  }
  return codes.subarray(0, count);
}
