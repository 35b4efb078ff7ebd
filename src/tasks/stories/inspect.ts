// What a trained model answers to questions about stories, and which sentences it attended to. Knows nothing of how it is shown.
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { StoryQuestion } from '../../data/babi.js';
import type { Tensor } from '../../engine/graph.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Named, RowTable } from '../../train/row-table.js';
import type { StoryTable } from './story-tables.js';
import type { TrainedStoryReader } from './train.js';
import { flattenTree } from '../../core/tree.js';
import { compile } from '../../engine/compile.js';
import { argmax } from '../../engine/ops/reduce.js';
import { typesOf } from '../../engine/trace.js';

/** A question with what a model made of it. */
export interface InspectedAnswer {
  readonly question: StoryQuestion;
  /** What the model answers. */
  readonly answer: string;
  readonly isRight: boolean;
  /** For each episode, how much it attended to each sentence of the question; empty for models without episodes. */
  readonly episodes: readonly (readonly number[])[];
}

/** Answers questions and tells, for each episode, which sentences were attended to. Results are in the order of `questions`. */
export async function inspectAnswers(
  runtime: Runtime,
  trained: TrainedStoryReader,
  questions: readonly StoryQuestion[],
): Promise<InspectedAnswer[]> {
  const inspected = new Map<StoryQuestion, InspectedAnswer>();
  for (const table of trained.reader.layout.tables(questions))
    for (const answer of await inspectTable(runtime, trained, table)) inspected.set(answer.question, answer);
  return questions.flatMap((question) => inspected.get(question) ?? []);
}

async function inspectTable(
  runtime: Runtime,
  trained: TrainedStoryReader,
  { questions, rows }: StoryTable,
): Promise<InspectedAnswer[]> {
  const { answer, attention } = await readTable(runtime, trained, rows);
  return questions.map((question, row) => {
    const name = trained.vocabulary.nameOf(answer?.data[row] ?? 0);
    const episodes = attention === undefined ? [] : attentionOf(attention, row, question.sentences.length);
    return { question, answer: name, isRight: name === question.answer, episodes };
  });
}

/** The answers, and the attention where there is one, to all questions of a table. */
async function readTable(
  runtime: Runtime,
  { reader, parameters }: TrainedStoryReader,
  rows: RowTable,
): Promise<Partial<Named<TensorData>>> {
  const executable = await compile(
    runtime,
    (state: { readonly parameters: Tree<Tensor> }, inputs: Named<Tensor>): { outputs: Named<Tensor> } => {
      const { logits, attention } = reader.read(state.parameters, inputs);
      return { outputs: { answer: argmax(logits), ...(attention && { attention }) } };
    },
    { state: { parameters: typesOf(parameters) }, inputs: typesOf(rows) },
  );
  const state = await runtime.createState();
  try {
    await state.write(flattenTree<TensorData>({ parameters }));
    return await executable.run(state, rows);
  } finally {
    await state.dispose();
    await executable.dispose();
  }
}

/** The attention of each episode in row `row` of [rows, episodes, sentences], for a story of `told` sentences. */
function attentionOf({ shape, data }: TensorData, row: number, told: number): number[][] {
  const [, episodes = 0, sentences = 0] = shape;
  const cut = Math.max(0, told - sentences); // The earliest sentences of a story that was too long were not read.
  return Array.from({ length: episodes }, (_, episode) => {
    const first = (row * episodes + episode) * sentences;
    return Array.from({ length: told }, (_, i) => (i < cut ? 0 : (data[first + i - cut] ?? 0)));
  });
}
