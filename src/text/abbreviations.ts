// English words that end in a full stop without ending a sentence, and words that begin one. Tables.

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Another word of the sentence always follows: titles, references, Latin. Without the last full stop, in lower case. */
export const alwaysContinues = set(`
mr mrs ms mx messrs mme mlle dr drs prof st ste fr rev hon pres gov sen rep amb gen lt col maj capt cpt cmdr adm sgt cpl pvt
supt insp det mt ft dept univ assn bros vs v viz cf eg ie e.g i.e al esp approx ca ibid
fig figs eq eqs ref refs tab sect chap ch par para vol vols ed eds trans
hrsg bzw ggf evtl vgl sog z.b d.h u.a
mons sig sra srta`);

/** Goes on with a number, as in `No. 5`, `pp. 3-4` or `Jan. 2020`; before anything else the sentence ends. */
export const continuesWithNumber = set(`
no nos nr art p pp pg pt lines sec n° jan feb mar apr jun jul aug sep sept oct nov dec`);

/** May end a sentence too; it does where the next word is one that begins sentences. */
export const mayEnd = set(`
etc inc ltd co corp llc plc gmbh jr sr esq bsc msc phd ph.d m.d b.a m.a d.c u.s u.k u.n e.u a.m p.m am pm
jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun
ave blvd rd hwy sq bldg apt est min max hr hrs sec yr yrs wk mo oz lb lbs kg km cm mm mi in`);

/** Words that, with a capital letter, mostly stand at the beginning of a sentence. */
export const beginsSentence = set(`
a an the this that these those there here it its he she they we you i his her their our my your
and but or nor so yet for if when while where after before because since although though however therefore moreover
furthermore meanwhile then thus still also as at by from in on to with without under over during
what who why how which whose do does did is are was were can could will would should may might must has have had
not no yes let please all both each every many most some such several one two another other nobody everyone`);
