// Schema 15: of facts, those that hold are looked up, by what they are about or by their value; those that are closed cost nothing.

export const heldFacts = `
DROP INDEX facts_by_slot;
CREATE INDEX facts_by_slot ON facts (scope, slot_key) WHERE valid_to IS NULL;
CREATE INDEX facts_by_value ON facts (scope, value_key) WHERE valid_to IS NULL;
`;
