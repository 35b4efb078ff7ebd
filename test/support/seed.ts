// Property tests draw the same cases in every run, so that a failure belongs to the change that caused it. Set
// MNEME_TEST_SEED to a number, or to `random`, to look for cases that no run has drawn yet.
import fc from 'fast-check';

const wanted = process.env['MNEME_TEST_SEED'] ?? '1';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });
