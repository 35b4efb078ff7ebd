// Days of the Chinese calendar, from 1901 to 2100. Knows nothing of what is celebrated.
import type { Interval } from './calendar.js';
import { dayOf } from './calendar.js';

const firstYear = 1901;

/**
 * A number in base 36 for each year: the days from 20 January to its first one, times 2 to the 17th; the month that comes twice, or 0,
 * times 2 to the 13th; and a bit for each month in order, set where it has 30 days in place of 29. The runtime's own calendar (ICU 74) is
 * a day off in 2027 and 2030. Source: GB/T 33661-2017, as computed by sxtwl 2.0.7; lunardate 0.3.0, after the tables of the Hong Kong
 * Observatory, agrees in the first day of every year.
 */
const years = `
  2cbiq 1hgh1 0qa8a 23vwr 1674r 0ev6e 1vgbu 10l09 063iq 1n1aq 0tan9 29j51 1btcb 0hui3 1y8x9 13cyz 08uax 1pvop 0z3pu 2f636
  1hg6d 0nhvx 23wpi 18ypi 0c245 1vglw 10lnt 08y36 1n2qa 0t7vq 26otn 1btcn 0hu46 1yamy 166dw 0bufd 1pufd 0w977 2cc5v 1heln
  0krx7 213n1 18z8q 0ewd1 1vhk4 10kzt 0645v 1n1xx 0qmnh 26oty 1btf1 0knu2 1y9iq 13elh 0bxai 1soqy 0wd5h 29j13 1hemu 0nl4l
  213o5 18ziq 0etut 1vi5h 10k0a 03el3 1k8t7 0tftm 26ove 1btk9 0ko5u 213rm 13e3p 0993f 1pv0r 0wf57 29hgt 1elil 0nl9l 23xd5
  190uq 0ewpx 1vhut 12f65 2f592 1k792 0qd9x 26p5h 1bu7d 0kple 214eq 167mu 090eu 1n1w7 0wf6e 2caqi 1elsl 0nh6x 23w3t 18zgz
  0c20b 1sn57 0xrob 0634q 1k7sa 0qnv9 29j8k 1emo9 0hvo3 1yahh 13cx9 096st 1n1yt 0wlnu 2cb82 1hg9x 0nosq 23xai 190np 0ev5a
  1sn6e 0xrqt 06376 1n176 0qf1h 26p7p 1bsjv 0hswn 1vhrf 13cyi 090ie 1pv8p 0wymq 2ccb6 1hfs5 0no7f 213kb 165yj 0c57f 1sn8t
  0xrvu 064b6 1n2j6 0thd1 26qed 1btcl 0hui5 1y9bq 10jw5 0912i 1pvwp 0za8i 2ccya 1hg6e 0nl1y 213kn 1663a 0bz6d 1snkl 10k7d
  03ez7 1k80j 0qmnf 26otn 1907v 0humy 1y9gq 13e5h 099ai 1pv7u 0wgb9 2cc5x 1elgt 0krzh 213n9 18zai 0c04l 1soth 10le2 06avp
  1k97a 0qngu 26ouu 1btf9 0hupe 1y9qq 13esl 0c0ne 1n157 0tkev 29huz 1eli3 0ks0m 213sa 18zma 0evj9 1socl 0xrpn 039uj 1k7mz
`
  .trim()
  .split(/\s+/);

/** A day by its month and number, which count from 1, in the year that begins in `year`; the month that is no second one. */
export function chineseDay(year: number, month: number, day: number): Interval | undefined {
  const code = years[year - firstYear];
  if (code === undefined) return undefined;
  const number = Number.parseInt(code, 36);
  const leap = (number >> 13) & 15;
  const monthsBefore = month - 1 + (leap !== 0 && leap < month ? 1 : 0);
  const days = Array.from({ length: monthsBefore }, (_, n) => 29 + ((number >> n) & 1));
  return dayOf(year, 0, 20 + (number >> 17) + days.reduce((sum, each) => sum + each, 0) + day - 1);
}
