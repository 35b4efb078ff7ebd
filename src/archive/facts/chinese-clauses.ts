// Cuts Chinese texts into clauses that state something, each with whom it is about, and values to their core. Knows no rules.

/** People and animals one speaks of as one's own. */
export const relatives =
  '妈妈|母亲|爸爸|父亲|父母|姐姐|妹妹|哥哥|弟弟|老婆|妻子|太太|老公|丈夫|先生|女朋友|男朋友|女友|男友|儿子|女儿|奶奶|爷爷|外婆|外公|姥姥|姥爷|姑姑|阿姨|叔叔|舅舅|表哥|表姐|表弟|表妹|堂哥|堂姐|朋友|同事|老板|室友|邻居|狗狗|猫咪|狗|猫|宠物|爸妈|爸|妈|哥|姐|弟|妹';

/** What others are quoted with; a name in quotation marks stays. */
const quoted = /[“"「『][^”"」』\n]*(?:我|咱)[^”"」』\n]*[”"」』]/gu;
/** "X不是A，是B" and "X以前是A，现在是B" say that X is B. */
const replaced: readonly RegExp[] = [
  /(?<=[^，,。！？；;\s])(?:已经|早就)?(?:不|不再|并不)是[^，,。！？；;是]{1,20}[，,]?(?:而是|现在是|应该是|是)(?!不)/gu,
  /(?:以前|原来|之前|本来|过去)是[^，,。！？；;是]{1,20}[，,](?:但是?|不过)?(?:现在|如今|最近)(?:已经)?(?:变成了?|换成了?|改成了?|改为|是)/gu,
];

const joining = '(?:其实|对了|另外|还有|而且|并且|但是|但|不过|可是|所以|也|还|又|后来)*';
const speaker = new RegExp(`^${joining}(我(?:们)?(?:家?的?(?:${relatives}))?)(?!们|的)`, 'u');
/** What goes on about the same person without naming them: "我讨厌香菜，喜欢葱". */
const goesOn = new RegExp(
  `^${joining}(?:(?:现在|目前|如今|以前|最近|已经|一直|特别|非常|很|最|今年)*(?:不再|不太|不)?(?:喜欢|讨厌|爱吃|爱喝|爱看|住在?|搬到|搬去|定居|来自|会说|会讲|对.{1,8}过敏|在.{1,12}(?:工作|上班|任职)|(?:[0-9]{1,3}|[一二三四五六七八九十百两]{1,5})岁|叫(?!.*不叫)))`,
  'u',
);
/** "我养了一只猫，叫咪咪": what follows is about the cat. */
const acquired = new RegExp(
  `(?:养|有)(?:了|着|过)?(?:[一两]|另外一)?[只条个匹位名].{0,6}?(${relatives})$`,
  'u',
);
const relative = new RegExp(`^(?:${relatives})(?!们)`, 'u');

/** A sentence as clauses of which each has its subject. */
function withSubjects(sentence: string): readonly string[] {
  const clauses: string[] = [];
  let subject = '';
  for (const piece of sentence.split(/[，,]/u).map((text) => text.trim())) {
    const named = speaker.exec(piece)?.[1];
    const last = clauses.length - 1;
    if (named !== undefined) clauses.push(piece);
    else if (subject !== '' && goesOn.test(piece)) clauses.push(`${subject}${piece}`);
    else if (subject !== '' && relative.test(piece)) clauses.push(`我${piece}`);
    else if (last < 0) clauses.push(piece);
    else clauses[last] += `，${piece}`;
    const latest = clauses.at(-1) ?? '';
    const pet = acquired.exec(latest)?.[1];
    subject = pet === undefined ? (speaker.exec(latest)?.[1] ?? '') : `我的${pet}`;
  }
  return clauses;
}

/** A question states nothing; it is cut off with its mark, as is what somebody else is quoted with. */
export function clausesOf(text: string): readonly string[] {
  const stated = text.replace(quoted, '').replace(/[^。！？!?\n；;]*[？?]/gu, '。');
  return replaced
    .reduce((rest, pattern) => rest.replace(pattern, '是'), stated)
    .split(/[。！!；;\n]+|但是?|不过(?!敏|分|来|去|如此)|可是/u)
    .flatMap((sentence) => (isSupposed(sentence) ? [] : withSubjects(sentence)))
    .map((clause) => clause.replace(/^(?:其实|对了|另外|还有|不对|错了)[，,]?/u, ''))
    .filter((clause) => clause.length > 2);
}

/** A supposition covers what follows it in its sentence. */
const isSupposed = (sentence: string): boolean =>
  /^[^，,]*(?:如果|要是|假如|假设|假定|假装|万一|想象)|(?:小说|故事|电影|游戏|梦)(?:里|中)/u.test(sentence);

/** What others say or think of the speaker. */
const reported =
  /(?:说|以为|觉得|认为|相信|猜|听说|据说|告诉(?:我|他|她))(?<!我(?:已经|也|都|就|曾经|刚才|之前|以前|早就)?(?:跟你们?|对你们?|和你们?)?(?:说|觉得|认为|相信|猜|听说))(?:过|了)?[，,：:]?我/u;

/** Whether a clause supposes, asks, hopes, or tells what others say, rather than states. */
export const isUnreal = (clause: string): boolean =>
  /如果|要是|假如|假设|希望|但愿|吗$|呢$|是不是|有没有|开玩笑|骗|梦见|梦到|^谁|(?:什么|哪里|哪儿|谁|多少|几岁)[^，,]{0,3}$/u.test(
    clause,
  ) || reported.test(clause);

export const doubtOf = (clause: string): number =>
  /可能|也许|大概|好像|应该会|不确定/u.test(clause) ? 0.6 : 1;

/** Leaves the core: cut at what only goes on. */
export const trimValue = (value: string): string =>
  (value.split(/[，,。！!；;：:（）()“”"「」]|因为|而且|所以|并且|还有/u)[0] ?? '')
    .trim()
    .replace(/^(?:了|到|在)/u, '')
    .replace(/(?:了|的|吧|啊|呢|哦|呀|啦|嘛|工作|生活|就行|就好)+$/u, '');
