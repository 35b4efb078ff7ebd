// Facts people state about themselves in Chinese, as rules. Knows nothing of what is held already.
import type { FactRule, Groups, Language } from './rule.js';

const often = '(?:现在|其实|已经|真的|也|还|一直|特别|非常|很|最近|刚|刚刚|终于|目前|平时|从小|就|又|曾|都)*';
const relation =
  '(?<noun>妈妈|母亲|爸爸|父亲|父母|姐姐|妹妹|哥哥|弟弟|老婆|妻子|太太|老公|丈夫|先生|女朋友|男朋友|女友|男友|儿子|女儿|奶奶|爷爷|外婆|外公|姥姥|姥爷|姑姑|阿姨|叔叔|舅舅|表哥|表姐|表弟|表妹|堂哥|堂姐|朋友|同事|老板|室友|邻居|狗|猫|狗狗|猫咪|宠物)';
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
const likes = { attribute: 'likes', accepts: solid } as const;

export const chineseRules: readonly FactRule[] = [
  {
    pattern: re('(?:应该是|是)(?<value>[^，,是]+?)[，,]?(?:而)?不是(?<wrong>.+)'),
    attribute: 'correction',
    corrects: (groups) => groups['wrong'],
    confidence: 0.8,
    say: (subject, value, groups) => `${subject}更正：是${value}，不是${groups['wrong']}`,
  },
  {
    pattern: re('不是(?<wrong>[^，,是]+?)[，,]?(?:而|应该)?是(?<value>.+)'),
    attribute: 'correction',
    corrects: (groups) => groups['wrong'],
    confidence: 0.8,
    say: (subject, value, groups) => `${subject}更正：是${value}，不是${groups['wrong']}`,
  },
  {
    pattern: re(
      `我(?:的名字)?${often}(?:叫|名叫|改名叫|是叫)(?:做)?(?<value>[\\p{Script=Han}A-Za-z·]{2,12})|我的名字${often}是(?<value2>[\\p{Script=Han}A-Za-z·]{2,12})`,
    ),
    attribute: 'name',
    single: true,
    say: says('名叫'),
  },
  {
    pattern: re(`我${often}(?:不再|不|没有?|没再)(?:再)?住在?${rest}`),
    attribute: 'home',
    single: true,
    negated: true,
    say: says('不再住在'),
  },
  {
    pattern: re(
      `(?:我${often}|(?:^|[，,；;])(?:我们)?现在)(?:住在|定居在?|居住在|搬家?[到去](?:了)?|移居到?(?:了)?)${rest}`,
    ),
    attribute: 'home',
    single: true,
    say: says('住在'),
  },
  {
    pattern: re(`我${often}(?:出生[在于]|生在)${rest}`),
    attribute: 'birthplace',
    single: true,
    say: says('出生在'),
  },
  {
    pattern: re(`我${often}(?:来自|老家[在是])${rest}|我${often}是(?<value2>\\p{Script=Han}{2,6})人$`),
    attribute: 'origin',
    single: true,
    say: says('来自'),
  },
  {
    pattern: re(`我${often}(?:不再|不)在(?<value>.+?)(?:工作|上班|任职)`),
    attribute: 'employer',
    single: true,
    negated: true,
    say: says('不再任职于'),
  },
  {
    pattern: re(
      `我${often}在(?<value>.+?)(?:工作|上班|任职)|我${often}(?:加入了?|跳槽[到去]了?|入职了?)(?<value2>.+)`,
    ),
    attribute: 'employer',
    single: true,
    say: says('任职于'),
  },
  {
    pattern: re(`我${often}(?:是|当|做)(?:一名|一个|一位|名|位)(?<value>.+)`),
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
    pattern: re(`我${often}(?:不再|不)对(?<value>.+?)过敏`),
    attribute: 'allergy',
    negated: true,
    say: (subject, value) => `${subject}对${value}不过敏`,
  },
  {
    pattern: re(`我${often}对(?<value>.+?)${often}过敏`),
    attribute: 'allergy',
    say: (subject, value) => `${subject}对${value}过敏`,
  },
  {
    pattern: re(`我${often}(?<value>结婚|离婚|订婚|单身|已婚|未婚)`),
    attribute: 'relationship status',
    single: true,
    say: says('的婚姻状况：'),
  },
  {
    pattern: re(`我${often}(?:是|吃|开始吃)(?:个|一个)?(?<value>素食|纯素|素|斋)(?:者|主义者)?`),
    attribute: 'diet',
    single: true,
    say: says('的饮食习惯是'),
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
      `我${often}最(?:喜欢|爱|喜爱)的?(?<noun>[^是]{1,12}?)${often}(?:变成了?|换成了?|改成了?|是)${rest}`,
    ),
    attribute: (groups) => `最喜欢的${groups['noun']}`,
    single: true,
    say: (subject, value, groups) => `${subject}最喜欢的${groups['noun']}是${value}`,
  },
  {
    pattern: re(
      `我${often}(?:不再|不太|不|并不)${often}(?:喜欢|爱|爱吃|爱喝|吃|喝)${rest}|我${often}(?:讨厌|受不了|戒了|厌恶)(?<value2>.+)`,
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
    pattern: re(`我的?${relation}的?(?:名字)?(?:叫|名叫|名字是|叫做)(?<value>.+)`),
    attribute: 'name',
    subject: possessor,
    single: true,
    say: says('名叫'),
  },
  {
    pattern: re(`我的?${relation}${often}(?:住在|定居在?|搬[到去](?:了)?)${rest}`),
    attribute: 'home',
    subject: possessor,
    single: true,
    say: says('住在'),
  },
  {
    pattern: re(`我的?${relation}${often}在(?<value>.+?)(?:工作|上班)`),
    attribute: 'employer',
    subject: possessor,
    single: true,
    say: says('任职于'),
  },
  {
    pattern: re(`我的?${relation}${often}是(?:一名|一个|一位|名|位)(?<value>.+)`),
    attribute: 'occupation',
    subject: possessor,
    single: true,
    say: says('的职业是'),
  },
  {
    pattern: re(`我的?${relation}${often}(?:今年)?(?<value>[0-9]{1,3}|[一二三四五六七八九十百两]{1,5})岁`),
    attribute: 'age',
    subject: possessor,
    single: true,
    say: (subject, value) => `${subject}${value}岁`,
  },
  {
    pattern: re(`我的?${relation}${often}(?:喜欢|爱)${rest}`),
    ...likes,
    subject: possessor,
    say: says('喜欢'),
  },
  {
    pattern: re(
      `我的?(?<noun>\\p{Script=Han}{1,8}?)${often}(?:定在|安排在|改到了?|改在|是在|是|在)(?<value>.+)`,
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
];

export const chinese: Language = {
  rules: chineseRules,
  clauses: (text) =>
    text
      .replace(/[^。！？!?\n；;]*[？?]/gu, '。')
      .split(/[。！!；;\n]+|[，,](?=我|但|不过|可是|而且|所以)|但是?|不过|可是/u)
      .map((clause) => clause.trim().replace(/^(?:其实|对了|另外|还有)[，,]?/u, ''))
      .filter((clause) => clause.length > 2),
  isUnreal: (clause) => /如果|要是|假如|希望|但愿|吗$|呢$|是不是|开玩笑|梦见/u.test(clause),
  doubt: (clause) => (/可能|也许|大概|好像|应该会|不确定/u.test(clause) ? 0.6 : 1),
  trim: (value) =>
    (value.split(/[，,。！!；;：:（）()“”"]|因为|而且|所以|并且|还有/u)[0] ?? '')
      .trim()
      .replace(/^(?:了|到|在)/u, '')
      .replace(/(?:了|的|吧|啊|呢|哦|呀|啦|嘛|工作|生活)+$/u, ''),
};
