// Facts people state about themselves in Chinese, as rules. Knows nothing of what is held already.
import { clausesOf, doubtOf, isUnreal, relatives, trimValue } from './chinese-clauses.js';
import type { FactRule, Groups, Language } from './rule.js';

const often =
  '(?:现在|其实|已经|真的|也|还|一直|特别|非常|超级|超|很|挺|蛮|最近|刚刚|刚|终于|目前|平时|从小|一向|向来|确实|就|又|都|最)*';
/** Before what held once: "我以前住在上海". */
const once = `${often}(?:以前|曾经|曾|原来|过去|之前|从前|早先|早年)(?:是)?${often}`;
const no = '(?:不再|再也不|从来不|不怎么|不太|并不|没那么|不)';
const relation = `(?<noun>${relatives})`;
const own = `我家?的?${relation}`;
const rest = '(?<value>.+)';
const re = (pattern: string): RegExp => new RegExp(pattern, 'u');
const possessor = (groups: Groups, speaker: string): string => `${speaker}的${groups['noun'] ?? ''}`;
const says =
  (words: string) =>
  (subject: string, value: string): string =>
    `${subject}${words}${value}`;

const empty =
  /^(?:这|那|它|他|她|你|什么|怎么|谁|不|没|很|太|挺|真|非常|说|想|觉得|知道|要|会|在|有|去|来|的|了|好|因为)/u;
const vagueNouns = /^(?:意思|问题|想法|看法|感觉|天|妈|错|意见|话|心情|最爱)$/u;
const solid = (value: string): boolean => !empty.test(value);
/** Whoever "叫" something is called so, unless it is ordered or somebody is told to do it. */
const isName = (value: string): boolean =>
  value.length >= 2 &&
  !/^(?:了|他|她|它|你|您|我|这|那|谁|什么|啥|外卖|出租|滴滴|救护|保安|快递|服务员|人|车|代驾|不)|(?:吃饭|起床|回家|别|帮忙|小心)/u.test(
    value,
  );
/** Who is "年轻人" comes from nowhere. */
const isOrigin = (value: string): boolean =>
  !/年轻|成年|老年|中年|普通|本地|外地|外国|当事|负责|主持|候选|现代|地球|打工|过来|单身|素食|明白|聪明|正常|什么|哪里|好|坏/u.test(
    value,
  );
const isHome = (value: string): boolean =>
  solid(value) && !/^(?:院|校|嘴|手|口|得|过|几|一起|酒店|宾馆|民宿|朋友家|装修|附近)/u.test(value);
const isEmployer = (value: string): boolean =>
  solid(value) &&
  !/^(?:家里?|想|忙|做|公司|单位|晚上|白天|夜里|周末|外面|努力|认真|远程|网上|线上|路上|电脑前|办公室)$/u.test(
    value,
  ) &&
  !/^(?:想|忙|做|找)/u.test(value);
/** Occupations that need no measure word before them. */
const occupation =
  '(?:\\p{Script=Han}{0,8}(?:老师|医生|护士|律师|会计|厨师|警察|军人|农民|教师|教授|学生|研究生|记者|作家|画家|演员|歌手|翻译|经理|公务员|研究员|科学家|程序员|设计师|工程师|建筑师|药剂师|摄影师|司机|编辑|教练|导游|消防员|飞行员|牙医|兽医|木匠|电工|保安|销售|店长|理发师|按摩师|咨询师|分析师))';

const likes = { attribute: 'likes', accepts: solid } as const;

/** What was never stated is not corrected (reconcile.ts). */
const correction = (pattern: string): FactRule => ({
  pattern: re(pattern),
  attribute: 'correction',
  corrects: (groups) => groups['wrong'],
  confidence: 0.8,
  say: (subject, value, groups) => `${subject}更正：是${value}，不是${groups['wrong']}`,
});

export const chineseRules: readonly FactRule[] = [
  {
    pattern: re(
      `我(?:的名字)?${often}(?:叫|名叫|改名叫|是叫)(?:做)?\\s*(?<value>[\\p{Script=Han}A-Za-z·]{2,12})|我的名字${often}是\\s*(?<value2>[\\p{Script=Han}A-Za-z·]{2,12})`,
    ),
    attribute: 'name',
    single: true,
    accepts: isName,
    say: says('名叫'),
  },
  {
    pattern: re(
      `^(?:请|你们?可以|可以|大家都?|朋友们?都?|直接|就)*叫我\\s*(?<value>[\\p{Script=Han}A-Za-z·]{2,12}?)(?:就行|就好|吧|即可)?$`,
    ),
    attribute: 'name',
    single: true,
    accepts: isName,
    say: says('名叫'),
  },
  {
    pattern: re(`我们?(?:${often}(?:不再|不|没有?|没再)(?:再)?住在?|${once}(?:住在?|住过))${rest}`),
    attribute: 'home',
    single: true,
    negated: true,
    accepts: isHome,
    say: says('不再住在'),
  },
  {
    pattern: re(
      `我们?${often}(?:从.{1,12}?)?(?:住在?|定居在?|居住在|搬家?[到去](?:了)?|移居到?(?:了)?)${rest}|我们?家${often}在(?<value2>.+)`,
    ),
    attribute: 'home',
    single: true,
    accepts: isHome,
    say: says('住在'),
  },
  {
    pattern: re(`我${often}(?:出生[在于]|生在)${rest}`),
    attribute: 'birthplace',
    single: true,
    say: says('出生在'),
  },
  {
    pattern: re(`我${often}(?:来自|老家[在是])${rest}|我${often}是个?(?<value2>\\p{Script=Han}{2,6})人$`),
    attribute: 'origin',
    single: true,
    accepts: isOrigin,
    say: says('来自'),
  },
  {
    pattern: re(
      `我(?:${often}(?:不再|不)|${once})在(?<value>.+?)(?:工作|上班|任职)|我${often}从(?<value2>.+?)(?:离职|辞职)`,
    ),
    attribute: 'employer',
    single: true,
    negated: true,
    accepts: isEmployer,
    say: says('不再任职于'),
  },
  {
    pattern: re(
      `我${often}在(?<value>.+?)(?:工作|上班|任职)|我${often}(?:从.{1,12}?)?(?:加入了?|跳槽[到去]了?|入职了?)(?<value2>.+)`,
    ),
    attribute: 'employer',
    single: true,
    accepts: isEmployer,
    say: says('任职于'),
  },
  {
    pattern: re(
      `我(?:${often}不(?:再)?是|${once}(?:是|当|做)?)(?:一名|一个|一位|名|位|个)?(?<value>${occupation})`,
    ),
    attribute: 'occupation',
    single: true,
    negated: true,
    say: says('的职业不是'),
  },
  {
    pattern: re(`我${often}(?:是|当|做)(?:(?:一名|一个|一位|名|位)${rest}|(?<value2>${occupation})$)`),
    attribute: 'occupation',
    single: true,
    confidence: 0.8,
    say: says('的职业是'),
  },
  {
    pattern: re(`我${often}(?:今年)?${often}(?:满)?(?<value>[0-9]{1,3}|[一二三四五六七八九十百两]{1,5})岁`),
    attribute: 'age',
    single: true,
    say: (subject, value) => `${subject}${value}岁`,
  },
  {
    pattern: re(`我的?生日${often}(?:是|在)${rest}|我${often}(?:出生于|生于)(?<value2>.+[日号])`),
    attribute: 'birthday',
    keepsDates: true,
    single: true,
    say: says('的生日是'),
  },
  {
    pattern: re(
      `我${often}(?:(?:不再|不|没有)对(?<value>.+?)过敏|对(?<value2>.+?)(?:已经|再也|并)?(?:不再|不)过敏)`,
    ),
    attribute: 'allergy',
    negated: true,
    say: (subject, value) => `${subject}对${value}不过敏`,
  },
  {
    pattern: re(`我${often}对(?<value>.+?)${often}过敏`),
    attribute: 'allergy',
    accepts: solid,
    say: (subject, value) => `${subject}对${value}过敏`,
  },
  {
    pattern: re(`我${often}(?:没有|没|不是|不再)(?<value>结婚|离婚|订婚|单身)`),
    attribute: 'relationship status',
    single: true,
    negated: true,
    say: says('的婚姻状况不是'),
  },
  {
    pattern: re(`我${often}(?<value>结婚|离婚|订婚|单身|已婚|未婚)`),
    attribute: 'relationship status',
    single: true,
    say: says('的婚姻状况：'),
  },
  {
    pattern: re(`我${often}(?:不再|不)(?:是|吃)(?<value>素食|纯素|素|斋)(?:者|主义者)?`),
    attribute: 'diet',
    single: true,
    negated: true,
    say: says('的饮食习惯不再是'),
  },
  {
    pattern: re(`我${often}(?:是|吃|开始吃)(?:个|一个)?(?<value>素食|纯素|素|斋)(?:者|主义者)?`),
    attribute: 'diet',
    single: true,
    say: says('的饮食习惯是'),
  },
  {
    pattern: re(`我${often}不会(?:说|讲)${rest}`),
    attribute: 'language',
    negated: true,
    say: says('不会说'),
  },
  { pattern: re(`我${often}(?:会说|会讲)${rest}`), attribute: 'language', say: says('会说') },
  {
    pattern: re(`我${often}(?:在学|学的是|主修|的专业是)${rest}`),
    attribute: 'studies',
    single: true,
    confidence: 0.8,
    say: says('学习'),
  },
  {
    pattern: re(
      `我${often}最(?:喜欢|爱|喜爱)(?:吃|喝|看|听|玩|读)?的?(?<noun>[^是]{1,12}?)${often}(?:变成了?|换成了?|改成了?|是)${rest}`,
    ),
    attribute: (groups) => `最喜欢的${groups['noun']}`,
    single: true,
    say: (subject, value, groups) => `${subject}最喜欢的${groups['noun']}是${value}`,
  },
  {
    pattern: re(
      `我${often}(?:${no}${often}(?:喜欢|爱|爱吃|爱喝|吃|喝)|${once}(?:喜欢|爱吃|爱喝|爱))${rest}|我${often}(?:讨厌|受不了|戒(?:掉)?了?|厌恶)(?<value2>.+)`,
    ),
    ...likes,
    negated: true,
    say: says('不喜欢'),
  },
  {
    pattern: re(`我${often}(?:喜欢|热爱|喜爱|偏爱|迷上了?|爱上了?|爱吃|爱喝|爱看|爱)${rest}`),
    ...likes,
    say: says('喜欢'),
  },
  {
    pattern: re(
      `我${often}(?:养了?|有)(?:一|两)?[只条个匹](?:叫|名叫|叫做)(?<value>.+?)的(?<noun>\\p{Script=Han}{1,4})`,
    ),
    attribute: 'name',
    subject: possessor,
    say: says('名叫'),
  },
  {
    pattern: re(`${own}的?(?:名字)?(?:叫|名叫|名字是|叫做)(?<value>.+)`),
    attribute: 'name',
    subject: possessor,
    single: true,
    say: says('名叫'),
  },
  {
    pattern: re(`${own}(?:${often}(?:不再|不|没有?)|${once})住在?${rest}`),
    attribute: 'home',
    subject: possessor,
    single: true,
    negated: true,
    accepts: isHome,
    say: says('不再住在'),
  },
  {
    pattern: re(`${own}${often}(?:从.{1,12}?)?(?:住在?|定居在?|搬[到去](?:了)?)${rest}`),
    attribute: 'home',
    subject: possessor,
    single: true,
    say: says('住在'),
  },
  {
    pattern: re(`${own}(?:${often}(?:不再|不)|${once})在(?<value>.+?)(?:工作|上班)`),
    attribute: 'employer',
    subject: possessor,
    single: true,
    negated: true,
    accepts: isEmployer,
    say: says('不再任职于'),
  },
  {
    pattern: re(`${own}${often}在(?<value>.+?)(?:工作|上班)`),
    attribute: 'employer',
    subject: possessor,
    single: true,
    say: says('任职于'),
  },
  {
    pattern: re(`${own}${often}是(?:(?:一名|一个|一位|名|位)${rest}|(?<value2>${occupation})$)`),
    attribute: 'occupation',
    subject: possessor,
    single: true,
    say: says('的职业是'),
  },
  {
    pattern: re(`${own}${often}(?:今年)?(?<value>[0-9]{1,3}|[一二三四五六七八九十百两]{1,5})岁`),
    attribute: 'age',
    subject: possessor,
    single: true,
    say: (subject, value) => `${subject}${value}岁`,
  },
  {
    pattern: re(`${own}${often}(?:${no}(?:喜欢|爱吃|爱喝|爱)|讨厌)${rest}`),
    ...likes,
    subject: possessor,
    negated: true,
    say: says('不喜欢'),
  },
  {
    pattern: re(`${own}${often}(?:喜欢|爱)${rest}`),
    ...likes,
    subject: possessor,
    say: says('喜欢'),
  },
  {
    pattern: re(
      `我的?(?<noun>(?:(?![不没是])\\p{Script=Han}){1,8}?)${often}(?:定在|安排在|改到了?|改在|是在|是|在)(?<value>.+)`,
    ),
    attribute: (groups) => `${groups['noun']}的日期`,
    single: true,
    dated: true,
    say: (subject, value, groups) => `${subject}的${groups['noun']}在${value}`,
  },
  {
    pattern: re(`我的(?<noun>\\p{Script=Han}{1,8}?)${often}(?:是|叫|改成了?|换成了?|变成了?)${rest}`),
    attribute: (groups) => groups['noun'] ?? '',
    single: true,
    confidence: 0.7,
    accepts: (value, groups) => solid(value) && value.length <= 20 && !vagueNouns.test(groups['noun'] ?? ''),
    say: (subject, value, groups) => `${subject}的${groups['noun']}是${value}`,
  },
  correction('(?:应该是|是|叫)?(?<value>[^，,是]{1,20}?)[，,](?:而)?不(?:是|叫)(?<wrong>.+)'),
  correction('不(?:是|叫)(?<wrong>[^，,是]{1,20}?)[，,]?(?:而|应该)?(?:是|叫)(?<value>.+)'),
];

export const chinese: Language = {
  rules: chineseRules,
  clauses: clausesOf,
  isUnreal,
  doubt: doubtOf,
  trim: trimValue,
};
