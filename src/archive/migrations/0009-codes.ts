// Schema 9: vectors may be kept as one byte a number (vector-codes.ts) and searched in memory.

export const codes = `
ALTER TABLE embedding_indexes DROP CONSTRAINT embedding_indexes_storage_check;
ALTER TABLE embedding_indexes ADD CONSTRAINT embedding_indexes_storage_check CHECK (storage IN ('vector', 'bytea', 'codes'));
`;
