// Reads bAbI files: short stories with questions in between. Knows the format of all 20 tasks, and no model.
import { DataError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { readLines } from './lines.js';

/** A question with everything that was told before it. */
export interface StoryQuestion {
  /** Words of each sentence, in lower case and without punctuation. */
  readonly sentences: readonly (readonly string[])[];
  readonly question: readonly string[];
  /** As it stands in the file: one word, or several with commas between them (`milk,football`, `n,w`). */
  readonly answer: string;
  /** Sentences that the answer follows from, as indices into `sentences`, in the order of the file. */
  readonly supportingFacts: readonly number[];
  /** Number of the story in its file, from 0: questions of one story share their sentences. */
  readonly story: number;
  /** Line of the question in its file, from 1. */
  readonly line: number;
}

/** One of the tasks, with the parts it is published in. */
export interface BabiTask {
  /** 1 to 20. */
  readonly task: number;
  /** Such as `single-supporting-fact`. */
  readonly name: string;
  readonly train: readonly StoryQuestion[];
  readonly test: readonly StoryQuestion[];
}

/** Words in lower case: whatever stands between white space and punctuation. */
export function wordsOf(sentence: string): string[] {
  return sentence.toLowerCase().match(/[^\s.,;:!?]+/g) ?? [];
}

/** A story that is being read. */
interface OpenStory {
  readonly number: number;
  readonly sentences: (readonly string[])[];
  /** Index of the sentence that stands under a line number of the story. */
  readonly byNumber: Map<number, number>;
  lastNumber: number;
}

/**
 * The questions of a file, in order. Lines are `NUMBER SENTENCE`, or `NUMBER QUESTION<tab>ANSWER<tab>NUMBERS` with the
 * numbers of the supporting facts; number 1 begins a new story.
 * Source: Weston et al. 2015, "Towards AI-Complete Question Answering", and the README of its data.
 * @param path names the file in errors
 * @throws {DataError} with path and line where a line is malformed, or when there is no question
 */
export function parseBabi(text: string, path: string): StoryQuestion[] {
  const questions: StoryQuestion[] = [];
  let story: OpenStory | undefined;
  for (const [i, raw] of text.split('\n').entries()) {
    const line = i + 1;
    if (raw.trim() === '') continue;
    const fail = (problem: string): DataError => malformed(path, line, problem);
    const { number, content } = numbered(raw.replace(/\r$/, ''), fail);
    if (number === 1) story = openStory((story?.number ?? -1) + 1);
    if (story === undefined || number !== story.lastNumber + 1)
      throw fail(
        `has number ${number}, where 1 (a new story)${story === undefined ? '' : ` or ${story.lastNumber + 1}`} must stand`,
      );
    story.lastNumber = number;
    if (content.includes('\t')) questions.push(questionOf(content, story, line, fail));
    else tell(content, number, story, fail);
  }
  if (questions.length > 0) return questions;
  throw new DataError(`"${path}" holds no question. Give a bAbI file, such as qa1_..._train.txt.`, {
    fields: { path },
  });
}

function malformed(path: string, line: number, problem: string, cause?: DataError): DataError {
  return new DataError(
    `Line ${line} of "${path}" ${problem}. A line of a bAbI file is "NUMBER SENTENCE" or "NUMBER QUESTION<tab>ANSWER<tab>NUMBERS OF SUPPORTING FACTS".`,
    { fields: { path, line }, cause },
  );
}

type Fail = (problem: string) => DataError;

function openStory(number: number): OpenStory {
  return { number, sentences: [], byNumber: new Map(), lastNumber: 0 };
}

function numbered(raw: string, fail: Fail): { readonly number: number; readonly content: string } {
  const match = /^\s*(\d+)\s+(\S.*)$/.exec(raw);
  if (match === null) throw fail('does not begin with a number and a sentence');
  return { number: Number(match[1]), content: match[2] ?? '' };
}

function tell(content: string, number: number, story: OpenStory, fail: Fail): void {
  if (content.includes('?')) throw fail('asks a question and has no tab behind it');
  const words = wordsOf(content);
  if (words.length === 0) throw fail('holds no word');
  story.byNumber.set(number, story.sentences.length);
  story.sentences.push(words);
}

function questionOf(content: string, story: OpenStory, line: number, fail: Fail): StoryQuestion {
  const [asked = '', answered = '', supported = '', ...rest] = content.split('\t');
  const question = wordsOf(asked);
  const answer = answered.trim().toLowerCase();
  if (question.length === 0) throw fail('has no question in front of the first tab');
  if (answer === '') throw fail('has no answer behind the first tab');
  if (rest.length > 0) throw fail('has more than three columns');
  if (story.sentences.length === 0) throw fail('asks before anything was told');
  const supportingFacts = supported
    .trim()
    .split(/\s+/)
    .filter((number) => number !== '')
    .map((number) => sentenceAt(number, story, fail));
  const sentences = [...story.sentences];
  return { sentences, question, answer, supportingFacts, story: story.number, line };
}

function sentenceAt(number: string, { byNumber }: OpenStory, fail: Fail): number {
  const index = /^\d+$/.test(number) ? byNumber.get(Number(number)) : undefined;
  if (index !== undefined) return index;
  throw fail(`names supporting fact "${number}", which is no sentence told before it`);
}

/**
 * Reads a task from its two files, `qaN_NAME_train.txt` and `qaN_NAME_test.txt`.
 * @param folder holds the files, or a folder `en-10k` or `en` with them, at most two folders down
 * @throws {DataError} when there are no files of the task, or one is malformed
 */
export async function readBabiTask(files: Files, folder: string, task: number): Promise<BabiTask> {
  const train = await findTrainingPart(files, folder, task);
  const test = train.replace(/_train\.txt$/, '_test.txt');
  const name = trainingPart.exec(train.split('/').at(-1) ?? '')?.[1] ?? '';
  return {
    task,
    name,
    train: await readPart(files, train),
    test: await readPart(files, test),
  };
}

async function readPart(files: Files, path: string): Promise<StoryQuestion[]> {
  const lines: string[] = [];
  for await (const { text, line, problem } of readLines(files.stream(path), path, 'utf-8')) {
    if (problem !== undefined) throw malformed(path, line, 'is no text in UTF-8', problem);
    lines.push(text);
  }
  return parseBabi(lines.join('\n'), path);
}

/** Such as `qa1_single-supporting-fact_train.txt`, or `qa1_train.txt` in editions without names. */
const trainingPart = /^qa\d+_(?:(.+)_)?train\.txt$/;

/** Folders that are looked into, the larger data set first. */
const preferredFolders = ['en-10k', 'en'];

async function findTrainingPart(files: Files, folder: string, task: number): Promise<string> {
  const found = await trainingParts(files, folder.replace(/\/$/, ''), 2);
  const wanted = found.find((path) => path.includes(`/qa${task}_`));
  if (wanted !== undefined) return wanted;
  const present = new Set(found.map((path) => Number(/\/qa(\d+)_/.exec(path)?.[1])));
  const known = [...present].sort((a, b) => a - b).join(', ');
  const packed = (await files.list(folder)).find((name) => /\.(?:tar\.gz|tgz|zip)$/.test(name));
  const instead = packed === undefined ? '' : `, but the archive ${packed}: unpack it first`;
  throw new DataError(
    `"${folder}" holds no file qa${task}_..._train.txt${known === '' ? ` and no other task of bAbI${instead}` : `; it holds tasks ${known}`}. Give the folder with the bAbI files, such as tasks_1-20_v1-2/en-10k.`,
    { fields: { path: folder, task, present: [...present] } },
  );
}

/** Training parts in a folder; only where there is none, in the folders below, those of the larger data set first. */
async function trainingParts(files: Files, folder: string, depth: number): Promise<string[]> {
  const names = await files.list(folder);
  const here = names.filter((name) => trainingPart.test(name));
  if (here.length > 0 || depth === 0) return here.map((name) => `${folder}/${name}`);
  const found: string[] = [];
  for (const name of [...names].sort((a, b) => preference(a) - preference(b))) {
    const below = `${folder}/${name}`;
    if (name.startsWith('.') || (await files.info(below))?.kind !== 'folder') continue;
    found.push(...(await trainingParts(files, below, depth - 1)));
  }
  return found;
}

function preference(name: string): number {
  const place = preferredFolders.indexOf(name);
  return place < 0 ? preferredFolders.length : place;
}
