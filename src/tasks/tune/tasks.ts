// The tasks that a model can be tuned for, by name. Knows nothing of what they do.
import type { Task } from './task.js';
import { UsageError } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';

const tasks = {} satisfies Readonly<Record<string, Task>>;

export type TaskName = keyof typeof tasks;

export const taskNames = Object.keys(tasks) as readonly TaskName[];

/** @throws {UsageError} that names the tasks there are */
export function taskNamed(name: string): Task {
  if (Object.hasOwn(tasks, name)) return tasks[name as TaskName];
  throw new UsageError(`There is no task "${name}".${didYouMean(name, taskNames)}`, { fields: { name } });
}
