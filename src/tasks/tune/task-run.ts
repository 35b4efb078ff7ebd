// What a run folder says of its task: which one, its columns, its recipe. Knows no particular task.
import { z } from 'zod';
import type { JsonObject, SavedRun } from '../../checkpoint/index.js';
import type { ColumnChoice } from './task-data.js';
import type { OpenTask, Task, TaskDescription, TaskRecipe } from './task.js';
import { isJsonObject } from '../../checkpoint/index.js';
import { CheckpointError } from '../../core/errors.js';
import { tokenizerFromJSON } from '../../text/index.js';
import { changeTraining } from '../language-model/recipe.js';
import { taskNamed } from './tasks.js';

const taskSchema = z.strictObject({
  name: z.string(),
  columns: z.record(z.string(), z.string()),
  context: z.array(z.string()),
  details: z.record(z.string(), z.json()),
});

/** What a run remembers of its task. */
export interface DescribedTask {
  readonly task: Task;
  readonly columns: ColumnChoice;
  readonly description: TaskDescription;
  /** The run that it began from. */
  readonly base: string | undefined;
}

/** Whether a run was made by `mneme tune`. */
export function isTaskRun({ config }: SavedRun): boolean {
  return config['task'] !== undefined;
}

/** @param wanted the task that is needed @throws {CheckpointError} when the run is of no task, or of another, with the command that makes one */
export function describedTask({ config, path }: SavedRun, wanted?: string): DescribedTask {
  const parsed = taskSchema.safeParse(config['task']);
  const found = parsed.success ? parsed.data.name : undefined;
  if (!parsed.success || (wanted !== undefined && found !== wanted)) {
    const has = found === undefined ? 'no head for a task' : `a head for the task ${found}`;
    const name = wanted ?? 'TASK';
    throw new CheckpointError(
      `The run "${path}" has ${has}${wanted === undefined ? '' : `, and ${wanted} needs one of its own`}. Make one with: mneme tune ${path} --task ${name} --data FILE --out RUN`,
      { fields: { path, found, wanted } },
    );
  }
  const { name, columns, context, details } = parsed.data;
  const data = config['data'];
  const base = isJsonObject(data) && typeof data['base'] === 'string' ? data['base'] : undefined;
  return {
    task: taskNamed(name),
    columns: { columns, context },
    description: { model: config.model, details },
    base,
  };
}

/** The recipe that a run was made with, with changes to its training. */
export function recipeOf(run: SavedRun, changes: JsonObject = {}): TaskRecipe {
  const { recipe, training } = run.config;
  return describedTask(run).task.parseRecipe({
    ...(isJsonObject(recipe) ? recipe : {}),
    training: changeTraining(isJsonObject(training) ? training : {}, changes),
  });
}

/** The task of a run, ready to read rows. */
export function openTaskOf(run: SavedRun): OpenTask {
  const { task, columns, description } = describedTask(run);
  const { finished } = run.config;
  return task.open({
    ...description,
    ...columns,
    tokenizer: tokenizerFromJSON(run.tokenizer),
    training: recipeOf(run).training,
    finished: isJsonObject(finished) ? finished : undefined,
  });
}
