// The conversation as people have it in a terminal or a pipe.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ended } from '../../../test/support/command-line.js';
import { mneme, mnemeProcess, startMneme } from '../../../test/support/command-line.js';
import { keepDatabaseCompiled } from '../../../test/support/compiled-database.js';
import { writeTinyRun } from '../../../test/support/tiny-run.js';

const folder = mkdtempSync(join(tmpdir(), 'mneme-chat-'));
const at = (name: string): string => join(folder, name);
mkdirSync(at('empty'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(keepDatabaseCompiled);

/** Talks in this process, or in another by `mnemeProcess`. */
const chat = (lines: readonly string[], flags: readonly string[] = [], start = mneme): Promise<Ended> =>
  start(['chat', '--store', at('store'), ...flags], lines.map((line) => `${line}\n`).join(''));

/** The objects that `--json` prints. */
async function json(
  lines: readonly string[],
  ...flags: readonly string[]
): Promise<Record<string, unknown>[]> {
  const { stdout, stderr } = await chat(lines, ['--json', ...flags]);
  expect(stdout, stderr).not.toBe('');
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Starts a server of a model called tiny. */
async function addressOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1#tiny`;
}

describe('mneme chat', { timeout: 240_000 }, () => {
  it('remembers from one process to the next, without any model, and forgets for good', async () => {
    const user = ['--user', 'ben'];
    const first = await chat(['My sister Anna lives in Lisbon.'], user, mnemeProcess);
    expect(first).toMatchObject({ code: 0, stdout: 'Noted.\n' });
    const questions = ['Where does my sister live?', '/why', '/memory'];
    const again = await chat(questions, [...user, '--new']);
    expect(again.stderr).toContain('A new conversation');
    expect(again.stdout).toContain('you said: My sister Anna lives in Lisbon.');
    expect(again.stdout).toMatch(/recalled: \d+ tokens of[\s\S]*BM25/);
    const restarted = await chat(['/why', '/window'], user);
    expect(restarted.stdout).toMatch(
      /recalled: \d+ tokens of[\s\S]*Lisbon[\s\S]*words: rank 1[\s\S]*message: /,
    );
    const gone = await chat(['/forget Lisbon', 'Where does my sister live?', '/export'], user);
    expect(gone.stderr).toContain('Going on with');
    expect(gone.stdout).toContain('I remember nothing about that.');
    expect(gone.stdout).not.toContain('Lisbon');
  });

  it('answers from documents with citations, in both languages', async () => {
    mkdirSync(at('docs'));
    writeFileSync(at('docs/faq.md'), '# Returns\n\nYou have 30 days.\n\n# 退货\n\n收到后七天内可以退货。\n');
    const lines = [
      'How many days for returns?',
      '退货要几天？',
      'Is there a bus to the moon?',
      '去火星的船票多少钱？',
    ];
    const [english, chinese, ...unknown] = await json(lines, '--knowledge', at('docs'), '--user', 'customer');
    expect(english).toMatchObject({
      answer: 'You have 30 days. [1]',
      citations: [{ number: 1, file: 'faq.md', place: 'Returns' }],
    });
    expect(chinese).toMatchObject({ answer: '收到后七天内可以退货。 [1]', finish: 'end' });
    expect(unknown.map(({ answer, finish }) => [answer, finish])).toEqual([
      ['That is not in the documents.', 'not-in-documents'],
      ['文档里没有提到。', 'not-in-documents'],
    ]);
  });

  it('talks with an endpoint, keeps the message when it is down, and asks again', async () => {
    const bodies: { messages: { role: string; content: string }[] }[] = [];
    let isDown = true;
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => {
        bodies.push(JSON.parse(body) as (typeof bodies)[number]);
        if (isDown) {
          isDown = false;
          response.writeHead(503).end('loading');
          return;
        }
        const content = JSON.stringify({
          choices: [{ delta: { content: 'Good day.' }, finish_reason: 'stop' }],
        });
        response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end(`data: ${content}\n\ndata: [DONE]\n\n`);
      });
    });
    const model = await addressOf(server);
    try {
      writeFileSync(at('profile.txt'), 'The user is called Cleo.');
      const flags = [
        '--model',
        model,
        '--user',
        'cleo',
        '--system',
        'Be brief.',
        '--profile',
        at('profile.txt'),
      ];
      const [failed, answered, branched, history] = await json(
        ['Hello there', '/retry', '/branch 0', '/history'],
        ...flags,
      );
      expect(failed).toMatchObject({
        error: { code: 'generator', fields: { failure: 'overloaded', retry: true } },
      });
      expect(answered).toMatchObject({ answer: 'Good day.', turn: 1, finish: 'end' });
      expect(bodies[1]?.messages).toEqual([
        { role: 'system', content: 'Be brief.\n\nThe user is called Cleo.' },
        { role: 'user', content: 'Hello there' },
      ]);
      expect(branched).toMatchObject({ command: 'branch', turns: 1 });
      expect(history).toMatchObject({ turns: [{ role: 'user', text: 'Hello there' }] });
    } finally {
      server.close();
    }
  });

  it('says that an answer was cut off at its limit, or by a filter', async () => {
    const reasons = ['length', 'length', 'content_filter', 'stop'];
    const server = createServer((_, response) => {
      const [choice] = [{ delta: { content: 'Once upon' }, finish_reason: reasons.shift() }];
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(`data: ${JSON.stringify({ choices: [choice] })}\n\ndata: [DONE]\n\n`);
    });
    const model = await addressOf(server);
    try {
      const flags = ['--model', model, '--user', 'dan', '--max-tokens', '9'];
      const english = await chat(['Tell me a story.'], flags);
      expect(english).toMatchObject({ code: 0, stdout: 'Once upon\n' });
      expect(english.stderr).toContain('Cut off at the limit of 9 tokens; --max-tokens allows more.');
      expect((await chat(['讲个故事。'], flags)).stderr).toContain('9 个词元的上限处截断');
      expect((await chat(['Tell me another.'], flags)).stderr).toContain('content filter');
      expect((await chat(['And another.'], flags)).stderr).not.toMatch(/Cut off|filter/);
    } finally {
      server.close();
    }
  });

  it('stops an answer at Ctrl-C and keeps what was said', async () => {
    const begun = `data: ${JSON.stringify({ choices: [{ delta: { content: 'Once upon a time' } }] })}\n\n`;
    let onAsked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (onAsked = resolve));
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(begun, onAsked);
    });
    const model = await addressOf(server);
    try {
      const args = ['chat', '--store', at('store'), '--user', 'gil', '--model', model];
      const { process: child, ended, said } = startMneme(args, 'Tell me a story.\n/history\n');
      await isAsked;
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      child.kill('SIGINT');
      await said('Stopped; what was said is kept.');
      const { stdout, code } = await ended;
      expect(stdout).toBe('Once upon a time\n0  user: Tell me a story.\n1  assistant: Once upon a time\n');
      expect(code).toBe(0);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('talks with a model trained here, within its window', async () => {
    await writeTinyRun(at('run'), 'UserAsitn: \nabcdefghijklmopqrvwxyz.', 128);
    const lines = ['hello there', 'and again, 你好', 'x'.repeat(200)];
    const flags = [at('run'), '--user', 'flo', '--max-tokens', '12', '--seed', '3', '--threads', '1'];
    const [first, second, third] = await json(lines, ...flags);
    expect(first).toMatchObject({
      turn: 1,
      window: { limit: 128, tokens: 'User: hello there\nAssistant:'.length },
    });
    expect(String(first?.['answer']).length).toBeGreaterThan(0);
    expect(second).toMatchObject({ window: { cut: [{ part: 'message', how: 'unreadable' }] } });
    expect(third).toMatchObject({ error: { code: 'data', fields: { message: 200, limit: 128 } } });
  });

  it('shows help, sessions and exports, and goes on after what it cannot use', async () => {
    const lines = [
      '我住在里昂。',
      '/help',
      '/sessions',
      `/export ${at('dan.jsonl')}`,
      '/nonsense',
      '/why 99',
      '',
      '/quit',
      'never',
    ];
    const { stdout, stderr, code } = await chat(lines, ['--user', 'dan', '--session', 'evening']);
    expect(stdout).toContain('记下了。');
    expect(stdout).toContain('/forget 词语|编号');
    expect(stdout).toMatch(/evening {2}2 {2}\d{4}/);
    expect(readFileSync(at('dan.jsonl'), 'utf8')).toContain('我住在里昂。');
    expect(stderr).toContain('没有命令 /nonsense');
    expect(stderr).toContain('turn 99');
    expect(stdout).not.toContain('never');
    expect(code).toBe(1);
  });

  it('says why in the language of the message, also after a restart', async () => {
    const user = ['--user', 'lin'];
    await chat(['我的姐姐住在里斯本。'], [...user, '--session', '一']);
    const asked = [...user, '--session', '二'];
    const now = await chat(['我的姐姐住在哪里？', '/why'], asked);
    expect(now.stdout).toMatch(/回忆：[\s\S]*得分[\s\S]*词语：第 1 名/);
    const later = await chat(['/why'], asked);
    expect(later.stdout).toMatch(/回忆：[\s\S]*里斯本[\s\S]*词语：第 1 名/);
    const gone = await chat(['/forget 里斯本', '/why'], asked);
    expect(gone.stdout).not.toContain('里斯本');
  });

  it('talks to a run as its template says, or as that of a file', async () => {
    const written = (name: string) => ({ user: { prefix: name }, assistant: { prefix: name }, stop: ['.'] });
    await writeTinyRun(at('templated'), 'abc.', 64, { chat: written('ab') });
    writeFileSync(at('template.json'), JSON.stringify(written('abc')));
    writeFileSync(at('other.json'), JSON.stringify(written('d')));
    const flags = ['--max-tokens', '8', '--new'];
    const prompt = async (user: string, ...more: string[]): Promise<unknown> =>
      (await json(['c', '/window'], at('templated'), ...flags, '--user', user, ...more)).at(-1);
    // What an untrained model answers does not matter, nor whether it does.
    expect(await prompt('one')).toMatchObject({ command: 'window', window: { tokens: 'abcab'.length } });
    const other = await prompt('two', '--chat-template', at('template.json'));
    expect(other).toMatchObject({ command: 'window', window: { tokens: 'abccabc'.length } });
    const refused = await chat(['c'], [at('templated'), ...flags, '--chat-template', at('other.json')]);
    expect(refused.stderr).toContain('The chat template writes "d"');
  });

  it.each([
    [['run', '--model', 'http://x/v1#y'], 2, 'not both'],
    [['--model', 'http://127.0.0.1:1/v1'], 2, 'URL#NAME'],
    [['--chat-template', 'x.json'], 2, 'for a run folder'],
    [['--knowledge', 'no-such-folder'], 1, 'no-such-folder'],
    [['--knowledge', at('empty'), '--user', 'x'], 1, 'no document that can be read'],
    [['no-such-run'], 1, 'no-such-run'],
    [['--user', 'assistant'], 2, 'Choose another name'],
    [['--language', 'fr'], 2, 'en, zh'],
    [['--profile', 'no-such-file'], 1, 'no-such-file'],
  ])('ends wrong use %j with a message that helps', async (args, code, said) => {
    const ended = await chat(['hello'], args);
    expect(ended.stderr).toContain(said);
    expect(ended.code).toBe(code);
  });

  it('refuses a message that is too long, and bytes that are no UTF-8', async () => {
    const ended = await mneme(
      ['chat', '--store', at('store'), '--user', 'eve'],
      `${'x'.repeat(200_000)}\nfine\n`,
    );
    expect(ended.stderr).toContain('the limit is 100000');
    expect(ended.stdout).toBe('Noted.\n');
    expect(ended.code).toBe(1);
  });
});
