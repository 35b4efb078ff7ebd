// What the people of a generated dialogue tell, ask and correct, each in several wordings. Knows nothing of sessions or seeds.

/** In every text `@` stands for the value; in a change `~` for the value before; in a question `#` for the speaker. */
export interface Topic {
  readonly say: readonly string[];
  readonly ask: readonly string[];
  readonly change: readonly string[];
}

/** Things that rules for facts know, things they do not, and things said in passing. */
export const topics: readonly Topic[] = [
  {
    say: ['I live in @.', 'By the way, I live in @ now.', 'I live in @, quite close to the river.'],
    ask: ['Where does # live?', 'Where do I live?', 'Which town does # live in?'],
    change: ['I have moved to @.', 'I moved from ~ to @ last week.', 'Big news: I live in @ now, not in ~.'],
  },
  {
    say: ['I work at @.', 'I work for @, in the accounts department.', 'I started a new job at @.'],
    ask: ['Where does # work?', 'Which company does # work for?', 'Where do I work?'],
    change: ['I work at @ now.', 'I left ~, from today I work at @.', 'I started working at @ this month.'],
  },
  {
    say: ['My favourite colour is @.', 'My favorite color is @, always was.'],
    ask: ["What is #'s favourite colour?", 'What is my favourite colour?', 'Which colour is my favourite?'],
    change: ['My favourite colour is @ these days.', 'Actually, my favourite colour is @, not ~.'],
  },
  {
    say: ["My sister's name is @.", 'My sister is called @.', 'I have a sister named @.'],
    ask: ["What is the name of #'s sister?", "What's my sister called?", "Who is #'s sister?"],
    change: ["My sister's name is @, I misspelled it before.", 'Correction: my sister is called @, not ~.'],
  },
  {
    say: [
      'My locker code is @.',
      'Please remember that my locker code is @.',
      'Note: the code of my locker is @.',
    ],
    ask: ["What is #'s locker code?", "What's the code of my locker?", 'Do you remember my locker code?'],
    change: ['My locker code is @ since today.', 'The locker code was changed, it is @ now.'],
  },
  {
    say: ['My flight goes to @.', 'I booked a flight to @.', 'The flight I booked goes to @.'],
    ask: ["Where does #'s flight go?", 'Where is my flight going?', 'To which city did I book a flight?'],
    change: ['My flight goes to @, they changed it.', 'They rebooked me: my flight is to @ instead of ~.'],
  },
  {
    say: ['We adopted a dog named @.', 'Our new dog is called @.', 'I named the dog @.'],
    ask: ["What is #'s dog called?", 'What is the name of our dog?', 'What did I name the dog?'],
    change: ['My dog is called @ now, he listens better to it.', 'We renamed the dog, his name is @ now.'],
  },
  {
    say: [
      'The spare key hangs behind the @.',
      'I hid the spare key under the @.',
      'Our spare key lies in the @.',
    ],
    ask: ['Where does the spare key hang?', 'Where is the spare key?', 'Where did I put the spare key?'],
    change: [
      'The spare key hangs behind the @ from now on.',
      'I put the spare key under the @, the ~ was too obvious.',
    ],
  },
  {
    say: ['They keep our boat tied up near @.', 'Our boat lies at @ this year.'],
    ask: ['Where is the boat tied up?', 'Where do we keep the boat?', 'Where does our boat lie?'],
    change: ['Our boat is tied up near @ since the storm.', 'Our boat lies at @ now, we moved it.'],
  },
  {
    say: [
      'For the wedding everybody will have to wear @.',
      'Everybody wears @ at the wedding, says the bride.',
    ],
    ask: ['What must everybody wear at the wedding?', 'What do people wear at the wedding?'],
    change: [
      'Change of plan: at the wedding everybody wears @.',
      'At the wedding everybody will wear @ now, no more ~.',
    ],
  },
  {
    say: ['Grandpa used to call me @ when I was small.', 'As a child grandpa called me @.'],
    ask: ['What did grandpa call # as a child?', 'What did grandpa call me?'],
    change: ['I asked mum: grandpa called me @ as a child.', 'It was @ that grandpa called me, not ~.'],
  },
  {
    say: ['The plumber comes every @ to check the pipes.', 'Every @ the plumber looks at our pipes.'],
    ask: ['When does the plumber check the pipes?', 'On which day does the plumber come?'],
    change: [
      'The plumber now comes every @ about the pipes.',
      'The plumber changed his day: every @ he checks the pipes.',
    ],
  },
  {
    say: ['In case of fire we meet under the @.', 'If there is a fire, our meeting point is the @.'],
    ask: ['Where do we meet in case of fire?', 'Where is the meeting point for a fire?'],
    change: ['In case of fire we now meet under the @.', 'New meeting point in case of fire: the @.'],
  },
  {
    say: ['Our allotment grows nothing but @.', 'All that grows on our allotment is @.'],
    ask: ['What grows on the allotment?', 'What do we grow on our allotment?'],
    change: [
      'Nothing but @ grows on our allotment this season.',
      'We dug up the allotment and grow @ there now.',
    ],
  },
  {
    say: [
      "I'm allergic to @.",
      'I am allergic to @, it makes me sneeze.',
      'The doctor says I am allergic to @.',
    ],
    ask: ['What is # allergic to?', 'What am I allergic to?', 'To what is # allergic?'],
    change: [
      'The test came back: I am allergic to @, not to ~.',
      "I'm allergic to @ after all, says the new doctor.",
    ],
  },
  {
    say: ['My wifi password is @.', 'The password of our wifi is @.'],
    ask: ["What is #'s wifi password?", 'What is the password for our wifi?'],
    change: ['We changed the wifi password, it is @ now.', 'My wifi password is @ since yesterday.'],
  },
  {
    say: ['My dentist is called @.', "My dentist's name is @.", 'I always go to a dentist whose name is @.'],
    ask: ["What is the name of #'s dentist?", 'Who is my dentist?', "What's my dentist called?"],
    change: ['My new dentist is called @.', "I changed dentists, my dentist's name is @ now."],
  },
  {
    say: ['My car is a @.', 'I drive a @ to work, it is a good car.', 'My new car is a @.'],
    ask: ['What is my car?', 'Which car does # have?'],
    change: ['I sold the car, my car is a @ now.', 'My car is a @ now, the ~ broke down.'],
  },
  {
    say: ['My son goes to @ school.', 'My son started at @ school in autumn.'],
    ask: ["Which school does #'s son go to?", 'Where does my son go to school?'],
    change: ['My son goes to @ school now.', 'We moved our son to @ school.'],
  },
  {
    say: ['I am learning to play the @.', 'I started to learn an instrument, I play the @.'],
    ask: [
      'Which instrument is # learning to play?',
      'What am I learning to play?',
      'What do I learn to play?',
    ],
    change: ['I gave up the ~ and am learning to play the @ now.', 'These days I am learning to play the @.'],
  },
  {
    say: ['My favourite restaurant is @.', 'My favourite restaurant is called @, the soup there is great.'],
    ask: ["What is #'s favourite restaurant?", 'Which restaurant do I like best, my favourite?'],
    change: ['My favourite restaurant is @ now.', 'My favourite restaurant is no longer ~ but @.'],
  },
  {
    say: ['My boss is called @.', "My boss's name is @."],
    ask: ["What is the name of #'s boss?", 'Who is my boss?', 'What is my boss called?'],
    change: [
      'I have a new boss, her name is @; my boss is called @ now.',
      'My boss is called @ since the reorganisation.',
    ],
  },
  {
    say: ['The cabin we rent in summer is by @ lake.', 'Every summer we rent a cabin by @ lake.'],
    ask: ['By which lake is the cabin we rent in summer?', 'Where do we rent a cabin?'],
    change: [
      'This summer we rent a cabin by @ lake.',
      'The cabin by ~ lake was sold, now we rent one by @ lake.',
    ],
  },
  {
    say: [
      'I parked in row @ of the long-stay garage.',
      'The car stands in row @ of the garage at the airport.',
    ],
    ask: ['In which row of the garage did # park?', 'Which row of the garage is the car in?'],
    change: [
      'I had to park again: the car is in row @ of the garage now.',
      'Row @ of the garage, not ~, is where I parked.',
    ],
  },
  {
    say: ['我奶奶住在@。', '我奶奶一直住在@，身体很好。'],
    ask: ['我奶奶住在哪里？', '#的奶奶住在哪里？', '你知道我奶奶住哪儿吗？'],
    change: ['我奶奶搬到@了。', '我奶奶搬家了，奶奶现在住在@。'],
  },
  {
    say: ['我最喜欢的水果是@。', '说起来，我最喜欢的水果是@。'],
    ask: ['我最喜欢的水果是什么？', '#最喜欢什么水果？'],
    change: ['我现在最喜欢的水果是@。', '更正一下，我最喜欢的水果是@，不是~。'],
  },
  {
    say: ['我的自行车锁密码是@。', '记一下，我的自行车锁密码是@。'],
    ask: ['我的自行车锁密码是多少？', '自行车锁的密码是什么？'],
    change: ['我的自行车锁密码改成@了。', '自行车锁密码换了，现在是@。'],
  },
  {
    say: ['我弟弟叫@。', '我弟弟的名字是@。'],
    ask: ['我弟弟叫什么名字？', '#的弟弟叫什么？'],
    change: ['我弟弟改名了，现在叫@。', '我刚才说错了，我弟弟叫@。'],
  },
  {
    say: ['周末的羽毛球课在@体育馆上。', '羽毛球课在@体育馆。'],
    ask: ['羽毛球课在哪个体育馆上？', '周末在哪里上羽毛球课？'],
    change: ['羽毛球课换到@体育馆了。', '从下周起羽毛球课在@体育馆上。'],
  },
];

/** Chatter; `%` is a noun of nonsense. Much of it uses the words of the topics. */
export const chatter: readonly string[] = [
  'Did you see the % near the market yesterday?',
  'I think the % was much better than the % we had before.',
  'My neighbour talked about a % for an hour.',
  'Work was long today, another % and no end.',
  'Where would you like to live if you had a %?',
  'The colour of that % was strange.',
  'We should call the % before it closes.',
  'That is my favourite kind of %, honestly.',
  'Somebody left a % behind the door of the office.',
  'Sounds good, let us talk about the % tomorrow.',
  'I dreamt of a % under a tree.',
  'Every week there is a new % in the news.',
  'The dog of the baker stole a %.',
  'I can not find the key of the % anywhere.',
  "My neighbour's sister is called %, can you imagine?",
  'The name of the film was %.',
  'The flight of the % was delayed again.',
  'Is there a password for the %?',
  'The dentist told me a story about a %.',
  'At the wedding of a colleague there was a %.',
  'The boat on the picture looked like a %.',
  'A car like a % stood in front of the school.',
  '今天的%真不错。',
  '你听说过%吗？',
  '我同事昨天去了%。',
  '密码总是记不住，%也一样。',
  '周末一起去看%吧。',
];
