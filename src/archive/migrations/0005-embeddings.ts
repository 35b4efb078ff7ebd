// Schema 5: which embedder the vectors come from. The vectors of an index lie in a table of their own (vector-index.ts).

export const embeddings = `
CREATE TABLE embedding_indexes (
  number    int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  embedder  text NOT NULL,
  dimension int4 NOT NULL CHECK (dimension > 0),
  storage   text NOT NULL CHECK (storage IN ('vector', 'bytea')),
  ready     boolean NOT NULL DEFAULT false
);
`;
