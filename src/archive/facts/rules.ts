// The archive's own extractor: rules in English and Chinese, no model. Knows nothing of what is held already.
import { chinese } from './chinese.js';
import { english } from './english.js';
import { applyRules } from './rule.js';
import { halfWidth } from '../half-width.js';
import { inScriptOf, simplified } from '../simplified.js';
import type { Extractor, Statement } from './statement.js';

/**
 * Finds names, homes, work, preferences, dates, negations and corrections that people state of themselves and theirs. The rules
 * are for half-width and simplified characters; what is found is told in the characters of the text.
 */
export const ruleExtractor: Extractor = {
  extract: (given) => {
    const written = halfWidth(given.text);
    const input = { ...given, text: simplified(written) };
    const languages = /\p{Script=Han}/u.test(input.text) ? [chinese, english] : [english];
    const found = languages.flatMap((language) => applyRules(language, input));
    return input.text === written ? found : found.map(told(written, given.speaker));
  },
};

/** @param speaker whose name stays as it is */
function told(written: string, speaker: string): (statement: Statement) => Statement {
  const inScript = inScriptOf(written);
  const words = (text: string): string => text.split(speaker).map(inScript).join(speaker);
  return (statement) => ({
    ...statement,
    subject: words(statement.subject),
    attribute: words(statement.attribute),
    value: inScript(statement.value),
    text: words(statement.text),
  });
}
