// Schema 12: what a conversation's answers always begin from, so that one that is taken up again has it.

export const sessionProfiles = `
-- One row a session that was given a profile: its texts as JSON (sealed). It goes with the last item of the session.
CREATE TABLE session_profiles (
  entry   int8 GENERATED ALWAYS AS IDENTITY UNIQUE,
  scope   int4 NOT NULL REFERENCES scopes ON DELETE CASCADE,
  session text NOT NULL,
  texts   text NOT NULL,
  PRIMARY KEY (scope, session)
);
`;
