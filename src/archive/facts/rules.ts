// The archive's own extractor: rules in English and Chinese, no model. Knows nothing of what is held already.
import { chinese } from './chinese.js';
import { english } from './english.js';
import { applyRules } from './rule.js';
import { halfWidth } from '../half-width.js';
import type { Extractor } from './statement.js';

/** Finds names, homes, work, preferences, dates, negations and corrections that people state of themselves and theirs. */
export const ruleExtractor: Extractor = {
  extract: (given) => {
    const input = { ...given, text: halfWidth(given.text) };
    const languages = /\p{Script=Han}/u.test(input.text) ? [chinese, english] : [english];
    return languages.flatMap((language) => applyRules(language, input));
  },
};
