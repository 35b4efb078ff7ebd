// Which version of the analysis an index of words was made with. Knows nothing of how texts are analysed.

/**
 * To be raised whenever a text may give other terms or other near-duplicate bands than before: by a rule, a table, a
 * dictionary or a library. 0 stands for "not recorded" (before schema 7).
 */
export const analyzerVersion = 2;
