// Schema 7: which version of the analyzer made the index of words.

export const analyzers = `
-- Of the postings of this scope (analysis/version.ts); 0 for those made before it was recorded.
ALTER TABLE scopes ADD COLUMN analyzer int4 NOT NULL DEFAULT 0;
`;
