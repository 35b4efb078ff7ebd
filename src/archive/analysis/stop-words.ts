// Words too common to find anything by, in English and Chinese. A table.

const english = `
a about above after again against ain all also am an and any are aren as at be because been before being below
between both but by can cannot could couldn did didn do does doesn doing don down during each else ever every few
for from further get gets getting got had hadn has hasn have haven having he her here hers herself him himself his
how i if in into is isn it its itself just let lets ll ma may me might mightn more most much must mustn my myself
nor not now of off on once only or other our ours ourselves out over own re really same shall shan she should
shouldn so some such than that the their theirs them themselves then there these they this those through to too
under until up us ve very was wasn we were weren what when where which while who whom whose why will with would
wouldn yes yet you your yours yourself yourselves
hey hi hello oh ok okay wow yeah yep`;

const chinese = `
的 了 着 过 地 得 是 在 和 与 及 或 而 也 都 就 还 又 很 太 更 最 把 被 让 给 对 向 从 到 为 以 于 之 其 此 这 那
我 你 您 他 她 它 们 我们 你们 他们 她们 它们 自己 大家 这个 那个 这些 那些 这里 那里 这样 那样 这么 那么
什么 怎么 怎样 如何 哪 哪里 哪儿 哪个 哪些 谁 几 多少 为什么 啥 吗 呢 吧 啊 呀 哦 嗯 哈 嘛 啦 喔 唉
有 个 一个 一下 一些 一点 因为 所以 但是 但 可是 不过 如果 虽然 然后 而且 并且 或者 还是 就是 只是 只 会 能 可以 可能 要 想 去 来 说
不 没 没有 不是 请 请问 上 下 里 中 时候 的话 已经 曾经`;

export const stopWords: ReadonlySet<string> = new Set(`${english} ${chinese}`.trim().split(/\s+/));
