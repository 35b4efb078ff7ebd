// The release of sacreBLEU whose numbers BLEU, chrF and TER equal, as their signatures name it. The part after the plus
// sign says that Mneme computed them.
export const SACREBLEU_VERSION = '2.6.0+mneme';
