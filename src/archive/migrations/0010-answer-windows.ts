// Schema 10: what a model was given for an answer, by reference: no text of an item is kept a second time.

export const answerWindows = `
-- One row an answer, which is an item: it goes with it. The outline (sealed) names items by their ids; size is in bytes. The
-- session is the answer's, so that the windows of one are found without looking at its turns.
CREATE TABLE answer_windows (
  scope   int4 NOT NULL,
  ordinal int4 NOT NULL,
  session text NOT NULL,
  size    int4 NOT NULL CHECK (size >= 0),
  outline text NOT NULL,
  PRIMARY KEY (scope, ordinal),
  FOREIGN KEY (scope, ordinal) REFERENCES items ON DELETE CASCADE
);
CREATE INDEX answer_windows_by_session ON answer_windows (scope, session, ordinal);

-- Why an item was found for an answer (sealed): words of it may be in it, so that it goes with the item, whose scope may be
-- another one of the tenant, that of the documents.
CREATE TABLE answer_window_items (
  entry        int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope        int4 NOT NULL,
  ordinal      int4 NOT NULL,
  item_scope   int4 NOT NULL,
  item_ordinal int4 NOT NULL,
  detail       text NOT NULL,
  FOREIGN KEY (scope, ordinal) REFERENCES answer_windows ON DELETE CASCADE,
  FOREIGN KEY (item_scope, item_ordinal) REFERENCES items ON DELETE CASCADE
);
CREATE INDEX answer_window_items_by_answer ON answer_window_items (scope, ordinal);
CREATE INDEX answer_window_items_by_item ON answer_window_items (item_scope, item_ordinal);
`;
