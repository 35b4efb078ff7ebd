// The contract of a task: how rows of a table become a model that does something. Knows no particular task.
import type { JsonObject, JsonValue } from '../../checkpoint/index.js';
import type { Files } from '../../core/files.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Tree } from '../../core/tree.js';
import type { Row } from '../../data/index.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { Tokenizer, TokenizerTrainingProgress } from '../../text/index.js';
import type { ExampleModel, Examples, ExampleTrainingChoices, Validation } from '../../train/index.js';
import type { Base } from './base.js';
import type { ColumnChoice } from './task-data.js';

/** The part that a column plays. */
export interface Role {
  /** The column that is taken when none is named. */
  readonly column: string;
  /** Whether the column may be missing or a field empty; the value is then the empty string. */
  readonly optional?: boolean;
  /** What it holds, for help and messages. */
  readonly holds: string;
}

/** A recipe that was checked: everything that a person decides. Plain data. */
export interface TaskRecipe {
  readonly model: object;
  readonly tokenizer: object;
  readonly training: ExampleTrainingChoices;
}

/** What a run is made from, beside its weights. */
export interface Preparation<R extends TaskRecipe = TaskRecipe> {
  readonly files: Files;
  readonly recipe: R;
  /** The rows to learn from. */
  readonly rows: readonly Row[];
  readonly columns: ColumnChoice;
  /** The run that this one goes on from. */
  readonly base?: Base | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TokenizerTrainingProgress) => void) | undefined;
}

/** What a run remembers of its task, beside its weights. */
export interface TaskDescription {
  /** Configuration of the model: it decides what the tensors mean. */
  readonly model: JsonValue;
  /** Anything else that is needed to read, predict and evaluate, such as labels. */
  readonly details: JsonObject;
}

/** A task whose tokenizer and model are known. */
export interface OpenTask {
  readonly model: ExampleModel;
  /**
   * @param runtime for examples that the model makes itself while it learns; without one nobody is going to learn from them
   * @throws {DataError} for a row that cannot be learned from, with its line
   */
  examples(rows: readonly Row[], runtime?: Runtime): Examples;
  /** @throws {DataError} for a row that cannot be measured, with its line. Absent: there is none that was not refused before. */
  check?(row: Row): void;
  /** Rows to validate on. Compiles what it needs when it is first asked; `dispose` releases that. */
  validation(rows: readonly Row[], runtime: Runtime): Validation & { dispose(): Promise<void> };
  /** Everything that there is to say of predictions for rows, as `mneme evaluate` prints it: numbers first. */
  evaluate(rows: readonly Row[], parameters: Tree<TensorData>, runtime: Runtime): Promise<JsonObject>;
  /**
   * What can be learned only when training is over, from the best parameters and the validation rows, such as a calibration.
   * It is stored in the run, and given to `open` from then on.
   */
  finish?(rows: readonly Row[], parameters: Tree<TensorData>, runtime: Runtime): Promise<JsonObject>;
}

/** What `open` is given. */
export interface OpenTaskOptions extends TaskDescription, ColumnChoice {
  readonly tokenizer: Tokenizer;
  readonly training: ExampleTrainingChoices;
  /** What `finish` found; `undefined` before. */
  readonly finished?: JsonObject | undefined;
}

/** What there is before the first step. */
export interface TaskStart<R extends TaskRecipe = TaskRecipe> {
  readonly recipe: R;
  readonly description: TaskDescription;
  readonly tokenizer: Tokenizer;
  readonly opened: OpenTask;
  readonly rows: readonly Row[];
  readonly base?: Base | undefined;
}

/**
 * A task is one object in one file. `mneme tune --task NAME` reads rows by its roles, lets it prepare tokenizer and model,
 * trains, and keeps what validates best; `mneme evaluate` and the task's own verb open it again from the run alone.
 */
export interface Task<R extends TaskRecipe = TaskRecipe> {
  readonly name: string;
  /** What it learns, in half a sentence. */
  readonly summary: string;
  readonly roles: Readonly<Record<string, Role>>;
  /** The role in front of whose text the columns of `--context` are put. Absent: it takes no context. */
  readonly contextRole?: string;
  /** The role whose values are labels: splits are stratified by it, and its balance is told. */
  readonly labelRole?: string;
  /** Recipes by name, as a person would write them. The first is the default. */
  readonly presets: Readonly<Record<string, JsonObject>>;
  /** Checks a recipe and makes every choice that was left open. @throws {ConfigError} that names each wrong key */
  parseRecipe(input: unknown): R;
  /** @throws {DataError} for a row that cannot be learned from, whatever others there are, with its line. Absent: there is none. */
  check?(row: Row): void;
  /**
   * Learns the tokenizer, or takes that of the base, and decides on the model.
   * @throws {DataError} when the rows are nothing to learn from @throws {ConfigError} when the base does not suit
   */
  prepare(preparation: Preparation<R>): Promise<TaskDescription & { readonly tokenizer: Tokenizer }>;
  /** Kinds of models that it can go on from. Absent: it takes no base. */
  readonly bases?: readonly string[];
  /**
   * Parameters that a new run begins with in the place of random ones, by their paths in the model: those of the base, or
   * what can be counted in the rows. Absent: all are random.
   * @throws {ConfigError} when the base does not suit
   */
  initial?(start: TaskStart<R>): ReadonlyMap<string, TensorData>;
  open(options: OpenTaskOptions): OpenTask;
}
