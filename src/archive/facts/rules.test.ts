import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ruleExtractor } from './rules.js';
import type { Statement } from './statement.js';

/** A Sunday. */
const time = new Date('2026-05-10T12:00:00Z');
const extract = (text: string, speaker = 'Anna'): readonly Statement[] =>
  ruleExtractor.extract({ text, speaker, time }) as readonly Statement[];
/** `Anna | home | Berlin`, with a minus before what does not hold. */
const shown = (text: string): string[] =>
  extract(text).map(
    ({ subject, attribute, value, negated }) => `${negated ? '- ' : ''}${subject} | ${attribute} | ${value}`,
  );

const stated: readonly (readonly [string, string])[] = [
  ['My name is Anna Keller.', 'Anna | name | Anna Keller'],
  ["Hi, I'm Anna.", 'Anna | name | Anna'],
  ['I live in Berlin these days.', 'Anna | home | Berlin'],
  ['I am currently living in a small flat in Porto', 'Anna | home | a small flat in Porto'],
  ["We've just moved to New York last month!", 'Anna | home | New York'],
  ['I moved to Lyon at Christmas.', 'Anna | home | Lyon'],
  ['My favourite holiday is Christmas.', 'Anna | favourite holiday | Christmas'],
  ["I'm originally from Sweden, but I like it here.", 'Anna | origin | Sweden'],
  ['I was born in Kyoto.', 'Anna | birthplace | Kyoto'],
  ['I work at Siemens as an engineer.', 'Anna | employer | Siemens'],
  ['I started a new job at Northwind last week.', 'Anna | employer | Northwind'],
  ["I'm a marine biologist.", 'Anna | occupation | marine biologist'],
  ['I work as a nurse because I like people.', 'Anna | occupation | nurse'],
  ["I'm 34 years old.", 'Anna | age | 34'],
  ['I just turned 40.', 'Anna | age | 40'],
  ['My birthday is on 5 May.', 'Anna | birthday | 5 May'],
  ["I'm allergic to peanuts.", 'Anna | allergy | peanuts'],
  ['I got engaged yesterday!', 'Anna | relationship status | engaged'],
  ["I'm vegan now.", 'Anna | diet | vegan'],
  ['I speak French and Italian.', 'Anna | language | French and Italian'],
  ["I'm studying law at Leiden.", 'Anna | studies | law at Leiden'],
  ['I really love hiking in the Alps.', 'Anna | likes | hiking in the Alps'],
  ["I'm a huge fan of jazz.", 'Anna | likes | jazz'],
  ['My favourite colour is teal.', 'Anna | favourite colour | teal'],
  ['Sushi is my favorite food.', 'Anna | favourite food | Sushi'],
  ["My sister's name is Clara.", "Anna's sister | name | Clara"],
  ['I adopted a dog named Rex.', "Anna's dog | name | Rex"],
  ['My brother Tom lives in Oslo.', "Anna's brother | home | Oslo"],
  ['My mother works at the university hospital.', "Anna's mother | employer | the university hospital"],
  ['My locker code is 4711.', 'Anna | locker code | 4711'],
  ['The password of our wifi is Nerena.', 'Anna | wifi password | Nerena'],
  ['My favourite restaurant is no longer Roma but Sole.', 'Anna | favourite restaurant | Sole'],
  ['My flight is on 3 June.', 'Anna | date of flight | 2026-06-03'],
  ['The meeting was moved to next Friday.', 'Anna | date of meeting | 2026-05-15'],
  ['Julia works at Google.', 'Julia | employer | Google'],
  ['我叫王小明。', 'Anna | name | 王小明'],
  ['我現在住在臺北。', 'Anna | home | 臺北'],
  ['我對花生過敏。', 'Anna | allergy | 花生'],
  ['我真的超級喜歡鄧麗君！', 'Anna | likes | 鄧麗君'],
  ['我養了一隻貓，叫咪咪。', 'Anna的貓 | name | 咪咪'],
  ['我最喜歡的顏色以前是藍色，現在是綠色。', 'Anna | 最喜歡的顏色 | 綠色'],
  ['我的面試定在下週三。', 'Anna | 面試的日期 | 2026-05-13'],
  ['我现在住在上海。', 'Anna | home | 上海'],
  ['我搬家了，现在住在苏州。', 'Anna | home | 苏州'],
  ['我刚搬到了成都', 'Anna | home | 成都'],
  ['我来自湖南。', 'Anna | origin | 湖南'],
  ['我在华为工作。', 'Anna | employer | 华为'],
  ['我是一名护士。', 'Anna | occupation | 护士'],
  ['我今年三十二岁了。', 'Anna | age | 三十二'],
  ['我的生日是5月8日。', 'Anna | birthday | 5月8日'],
  ['我对花生过敏。', 'Anna | allergy | 花生'],
  ['我特别喜欢吃辣的', 'Anna | likes | 吃辣'],
  ['我最喜欢的颜色是蓝色。', 'Anna | 最喜欢的颜色 | 蓝色'],
  ['我最喜欢的节日是中秋节。', 'Anna | 最喜欢的节日 | 中秋节'],
  ['我喜欢春节', 'Anna | likes | 春节'],
  ['我去年春节搬到了北京', 'Anna | home | 北京'],
  ['我妹妹叫小红。', 'Anna的妹妹 | name | 小红'],
  ['我养了一只叫旺财的狗。', 'Anna的狗 | name | 旺财'],
  ['我爸爸住在北京。', 'Anna的爸爸 | home | 北京'],
  ['我的车牌号是京A12345', 'Anna | 车牌号 | 京A12345'],
  ['我的面试定在下周三。', 'Anna | 面试的日期 | 2026-05-13'],
  ["I've been living in Zagreb for three years.", 'Anna | home | Zagreb'],
  ["I've lived in Kyoto since 2019.", 'Anna | home | Kyoto'],
  ['We live in Ghent now.', 'Anna | home | Ghent'],
  ['i live in berlin', 'Anna | home | berlin'],
  ['I live in Bergen, not Oslo.', 'Anna | home | Bergen'],
  ['I prefer trains to planes.', 'Anna | likes | trains'],
  ['I really do like cake.', 'Anna | likes | cake'],
  ['I am German.', 'Anna | nationality | German'],
  ['I was born on 3 April 1988 in Ankara.', 'Anna | birthday | 3 April 1988'],
  ['My birthday is tomorrow.', 'Anna | birthday | 2026-05-11'],
  ['My flight is on Friday.', 'Anna | date of flight | 2026-05-15'],
  ["No, the meeting isn't on Friday, it's on Monday.", 'Anna | date of meeting | 2026-05-11'],
  ["My favourite colour isn't blue, it's green.", 'Anna | favourite colour | green'],
  ['My favorite movie used to be Alien but now it is Arrival.', 'Anna | favourite movie | Arrival'],
  ['The code for my bike lock is 9182.', 'Anna | bike lock code | 9182'],
  ['My boss, Mr. Smith, lives in Leeds.', "Anna's boss | home | Leeds"],
  ['My brother moved from Bern to Basel.', "Anna's brother | home | Basel"],
  ['Maybe Julia lives in Graz.', 'Julia | home | Graz'],
  ['我叫 Tom，住在 London。', 'Anna | home | London'],
  ['我以前住在上海，现在搬到杭州了。', 'Anna | home | 杭州'],
  ['我原来在腾讯工作，现在在阿里上班。', 'Anna | employer | 阿里'],
  ['我叫李雷，今年28岁，在百度工作，住在海淀。', 'Anna | employer | 百度'],
  ['我今年３２岁。', 'Anna | age | 32'],
  ['我讨厌香菜，喜欢葱。', 'Anna | likes | 葱'],
  ['我的生日不是5月5日，是6月5日。', 'Anna | birthday | 6月5日'],
  ['我最喜欢的颜色以前是蓝色，现在是绿色。', 'Anna | 最喜欢的颜色 | 绿色'],
  ['我最喜欢的城市是成都，不是重庆。', 'Anna | 最喜欢的城市 | 成都'],
  ['我从百度跳槽到美团。', 'Anna | employer | 美团'],
  ['我是一名医生，不是护士。', 'Anna | occupation | 医生'],
  ['我爸是医生。', 'Anna的爸 | occupation | 医生'],
  ['我爸爸住在北京，妈妈住在南京。', 'Anna的妈妈 | home | 南京'],
  ['我养了一只猫，叫咪咪。', 'Anna的猫 | name | 咪咪'],
  ['大家都叫我小王。', 'Anna | name | 小王'],
  ['我真的超级喜欢周杰伦！', 'Anna | likes | 周杰伦'],
  ['My name is Li Wei，我住在成都。', 'Anna | home | 成都'],
];

const denied: readonly (readonly [string, string])[] = [
  ["I don't live in Berlin any more.", '- Anna | home | Berlin'],
  ['I no longer work at Siemens.', '- Anna | employer | Siemens'],
  ["I don't like coffee.", '- Anna | likes | coffee'],
  ["I can't stand loud music.", '- Anna | likes | loud music'],
  ["I'm not allergic to cats.", '- Anna | allergy | cats'],
  ["I've stopped smoking.", '- Anna | does | smoking'],
  ['我不喜欢香菜。', '- Anna | likes | 香菜'],
  ['我已经不在华为工作了。', '- Anna | employer | 华为'],
  ['我讨厌下雨天', '- Anna | likes | 下雨天'],
  ['I used to live in Tromsø, but now I live in Bergen.', '- Anna | home | Tromsø'],
  ['I used to work at Nokia.', '- Anna | employer | Nokia'],
  ['I used to be a nurse.', '- Anna | occupation | nurse'],
  ["I'm not living in Rome anymore.", '- Anna | home | Rome'],
  ["We don't live in Rome any more.", '- Anna | home | Rome'],
  ["I'm not married.", '- Anna | relationship status | married'],
  ["I'm not a fan of olives.", '- Anna | likes | olives'],
  ['I love olives and hate anchovies.', '- Anna | likes | anchovies'],
  ["I don't speak Spanish.", '- Anna | language | Spanish'],
  ['My brother no longer works at IBM.', "- Anna's brother | employer | IBM"],
  ['Julia no longer lives in Graz.', '- Julia | home | Graz'],
  ['我以前住在上海，现在搬到杭州了。', '- Anna | home | 上海'],
  ['我曾住在广州。', '- Anna | home | 广州'],
  ['我以前喜欢喝咖啡，现在喜欢喝茶。', '- Anna | likes | 喝咖啡'],
  ['我喜欢猫，不喜欢狗。', '- Anna | likes | 狗'],
  ['我对海鲜不过敏。', '- Anna | allergy | 海鲜'],
  ['我还没结婚。', '- Anna | relationship status | 结婚'],
  ['我从华为离职了。', '- Anna | employer | 华为'],
  ['我老婆不在医院工作了。', '- Anna的老婆 | employer | 医院'],
];

const nothing: readonly string[] = [
  '',
  'Do I live in Berlin?',
  'Where do you live?',
  'If I lived in Paris I would be happy.',
  'I wish my name was Bond.',
  'I like that!',
  'I love it when it rains.',
  'My day was great.',
  'My point is that we should go.',
  'My dog is so cute.',
  'I have to go now.',
  "I'm from time to time late.",
  "I'm going to the shop.",
  "I'm sorry about that.",
  'That is my favourite.',
  'Thanks, that means a lot!',
  'It is 30 minutes away.',
  "I'm 20 minutes late.",
  '你喜欢吃什么？',
  '我喜欢你',
  '我的天啊',
  '今天天气很好。',
  '如果我住在上海就好了',
  'Do you think I live in Berlin',
  'Does Julia work at Google',
  'She said "I live in Madrid".',
  '"I live in Paris," said Marie.',
  'You said I live in Berlin.',
  'Nobody believes I live in Bern.',
  'It is not true that I live in Bern.',
  "Let's say I live in Bern.",
  'Assume I work at NASA.',
  'In my novel, I live in Venice.',
  'If I move to Rome, my address is 5 Via Appia.',
  "I don't think I like fish.",
  'I wonder whether I like fish.',
  "Don't call me Bob.",
  'Call me Monday.',
  "I'm Tired.",
  'I live in fear.',
  'I work at night.',
  "I'm 180 cm tall.",
  "I'm engaged in research.",
  'I like neither tea nor coffee.',
  'She likes fish.',
  'Everyone loves Paris.',
  "I've moved to Tuesday.",
  '你觉得我住在上海',
  '谁说我住在上海',
  '假设我住在上海。',
  '妈妈说我喜欢哭。',
  '他说：“我住在上海。”',
  '别叫我小王。',
  '我叫他起床。',
  '我叫了外卖。',
  '我叫什么名字',
  '我在家工作。',
  '我在想工作的事。',
];

describe('what people state', () => {
  test.each(stated)('%s', (text, expected) => expect(shown(text)).toContain(expected));
});
describe('what people deny', () => {
  test.each(denied)('%s', (text, expected) => expect(shown(text)).toContain(expected));
});
describe('what states nothing', () => {
  test.each(nothing)('%s', (text) => expect(shown(text)).toEqual([]));
});

test('a correction names what was wrong', () => {
  for (const [text, value, wrong] of [
    ["No, it's Rome, not Paris.", 'Rome', 'Paris'],
    ['Not Paris, I meant Rome.', 'Rome', 'Paris'],
    ['不是巴黎，是罗马', '罗马', '巴黎'],
    ['应该是罗马，不是巴黎', '罗马', '巴黎'],
    ['Not Paris but Rome.', 'Rome', 'Paris'],
    ['Not Paris, Rome.', 'Rome', 'Paris'],
    ['Sorry, Rome, not Paris.', 'Rome', 'Paris'],
  ] as const)
    expect(extract(text)).toEqual([expect.objectContaining({ value, corrects: wrong })]);
});

test('several facts in one message are found', () => {
  expect(shown('I live in Lyon and I work at Renault, but I hate the rain.')).toEqual([
    'Anna | home | Lyon',
    'Anna | employer | Renault',
    '- Anna | likes | the rain',
  ]);
});

test('a fact says itself in words', () => {
  expect(extract('I live in Lyon.')[0]?.text).toBe('Anna lives in Lyon');
  expect(extract('我住在里昂。', '小王')[0]?.text).toBe('小王住在里昂');
});

test('who is unsure is believed less', () => {
  expect(extract('Maybe I live in Lyon.')[0]?.confidence).toBeLessThan(
    extract('I live in Lyon.')[0]?.confidence ?? 0,
  );
});

test('no text breaks the rules', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      for (const { value } of extract(`I live in ${text}. ${text}`)) expect(value.length).toBeGreaterThan(0);
    }),
    { numRuns: 100 },
  );
});
