// What turns texts into vectors, as a contract. Knows no encoder: the archive works without one.

/** What a text is to the search: encoders such as E5 treat the two differently. */
export type EmbeddingRole = 'query' | 'passage';

export interface Embedder {
  /** Stored with the vectors: an index made by one embedder is not searched with another's. */
  readonly name: string;
  /** Length of every vector. */
  readonly dimension: number;
  /** One vector of length 1 for each text, in order. */
  embed(texts: readonly string[], role: EmbeddingRole): Promise<readonly Float32Array[]>;
}
