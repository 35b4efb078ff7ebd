// The tasks that a model can be tuned for, by name. Knows nothing of what they do.
import type { JsonObject } from '../../checkpoint/index.js';
import type { Task } from './task.js';
import { UsageError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { answerTask } from '../answer/task.js';
import { classifyTask } from '../classify/task.js';
import { labelTask } from '../label/task.js';
import { summarizeTask } from '../summarize/task.js';
import { translateTask } from '../translate/task.js';

const tasks = {
  answer: answerTask,
  classify: classifyTask,
  label: labelTask,
  summarize: summarizeTask,
  translate: translateTask,
} satisfies Readonly<Record<string, Task>>;

export type TaskName = keyof typeof tasks;

export const taskNames = Object.keys(tasks) as readonly TaskName[];

/** @throws {UsageError} that names the tasks there are */
export function taskNamed(name: string): Task {
  if (Object.hasOwn(tasks, name)) return tasks[name as TaskName];
  throw new UsageError(`There is no task "${name}".${didYouMean(name, taskNames)}`, { fields: { name } });
}

/** The preset for a run that goes on from another, where a task has one of this name. */
const forBase = 'base';

/**
 * A recipe of a task by its name.
 * @param name default: `base` for a run that goes on from another, if the task has that; otherwise its first
 * @throws {UsageError} that names those there are
 */
export function presetOf(
  { name: task, presets }: Task,
  name: string | undefined,
  { hasBase = false }: { readonly hasBase?: boolean } = {},
): JsonObject {
  const names = Object.keys(presets);
  const chosen = name ?? (hasBase && names.includes(forBase) ? forBase : names[0]) ?? '';
  const preset = Object.hasOwn(presets, chosen) ? presets[chosen] : undefined;
  if (preset !== undefined) return preset;
  throw new UsageError(`The task ${task} has no preset "${chosen}".${didYouMean(chosen, names)}`, {
    fields: { task, name: chosen },
  });
}
