// Schema 6: how the archive as a whole was written.

export const settings = `
CREATE TABLE settings (
  name  text PRIMARY KEY,
  value jsonb NOT NULL
);
`;
