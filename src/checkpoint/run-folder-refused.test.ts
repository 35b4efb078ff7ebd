// Run folders that are refused: files of another model or step, damaged ones, and folders that are no runs.
import { describe, expect, it } from 'vitest';
import { description, checkpointAt, like, model, diskAfter, readOnly } from '../../test/support/toy-run.js';
import { MemoryDisk, MemoryFiles } from '../testing/memory-files.js';
import { CheckpointError } from '../core/errors.js';
import { createRun, openRun, readRun } from './run-folder.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

async function loading(disk: MemoryDisk, trees = like): Promise<unknown> {
  return (await readRun(readOnly(disk), 'run')).load('last', trees);
}

describe('files that do not belong together', () => {
  it('are refused when a tensor does not fit, by its name', async () => {
    const { state: _, ...wide } = checkpointAt(1, 3);
    await expect(loading(await diskAfter(1), wide)).rejects.toThrow(
      '"run/model.safetensors" does not fit this model: tensor "layers.0.weight" is float32[2], expected float32[3]',
    );
    const otherOptimizer = { model, optimizer: wide.optimizer };
    await expect(loading(await diskAfter(1), otherOptimizer)).rejects.toThrow(
      '"run/optimizer.safetensors" does not fit this model: tensor "moment.layers.0.weight" is float32[2]',
    );
  });

  it('are refused when the configuration of the model was changed', async () => {
    const disk = await diskAfter(1);
    const changed = { ...description.config, model: { kind: 'toy', width: 2, heads: 4 } };
    await new MemoryFiles(disk).writeAtomic('run/config.json', JSON.stringify(changed));
    await expect(loading(disk)).rejects.toThrow(
      'was not saved with the model that "run/config.json" describes',
    );
    await new MemoryFiles(disk).writeAtomic(
      'run/config.json',
      JSON.stringify({ ...description.config, steps: 99 }),
    );
    await expect(loading(disk)).resolves.toBeDefined();
  });

  it('are refused when the optimizer or the state is of another model with tensors of the same shapes', async () => {
    const other = new MemoryDisk();
    const config = { model: { kind: 'other' } };
    const run = await createRun(new MemoryFiles(other), 'run', { ...description, config });
    await run.saveCheckpoint(checkpointAt(1));
    for (const name of ['run/optimizer.safetensors', 'run/state.json']) {
      const disk = await diskAfter(1);
      disk.contents.set(name, other.contents.get(name) ?? new Uint8Array());
      await expect(loading(disk)).rejects.toThrow(
        `"${name}" was not saved with the model that "run/config.json" describes`,
      );
    }
  });

  it('are refused when they are of different steps', async () => {
    const disk = await diskAfter(1, 2);
    const earlier = await diskAfter(1);
    disk.contents.set(
      'run/optimizer.safetensors',
      earlier.contents.get('run/optimizer.safetensors') ?? new Uint8Array(),
    );
    await expect(loading(disk)).rejects.toThrow(
      '"run/optimizer.safetensors" is of step 1, and the state beside it of step 2',
    );
  });

  it('are refused when one is missing, never taken for a new run', async () => {
    for (const name of ['model.safetensors', 'optimizer.safetensors', 'state.json']) {
      const disk = await diskAfter(1);
      disk.contents.delete(`run/${name}`);
      await expect(loading(disk)).rejects.toThrow(name);
    }
    const disk = await diskAfter(1);
    disk.contents.delete('run/state.json');
    await expect(openRun(new MemoryFiles(disk), 'run')).rejects.toThrow('run/state.json');
  });

  it('are refused when the model is truncated at any length, by the name of the tensor', async () => {
    const disk = await diskAfter(1);
    const whole = disk.contents.get('run/model.safetensors') ?? new Uint8Array();
    const dataBytes = 12;
    for (let length = 0; length < whole.length; length++) {
      disk.contents.set('run/model.safetensors', whole.slice(0, length));
      const isDataCut = length >= whole.length - dataBytes;
      await expect(loading(disk)).rejects.toThrow(
        isDataCut ? /truncated: of tensor "(layers|scale)/ : CheckpointError,
      );
    }
  });

  it('are told apart from files that another program wrote', async () => {
    const disk = await diskAfter(1);
    const files = new MemoryFiles(disk);
    const { tensors } = await readSafetensors(files, 'run/model.safetensors');
    await writeSafetensors(files, 'run/model.safetensors', tensors);
    await expect(loading(disk)).rejects.toThrow('"run/model.safetensors" was not saved with the model');
  });
});

describe('a folder that is no run', () => {
  it('is refused with what to do', async () => {
    const files = new MemoryFiles(new MemoryDisk());
    for (const open of [openRun, readRun]) {
      await expect(open(files, 'run')).rejects.toThrow('"run" is not a run: it has no config.json');
    }
  });

  it('is refused when its config.json is of another kind', async () => {
    const files = new MemoryFiles(new MemoryDisk());
    await files.makeFolder('run');
    await files.writeAtomic('run/config.json', '{"compilerOptions":{}}');
    await expect(openRun(files, 'run')).rejects.toThrow('"run/config.json" is not a run\'s configuration');
  });
});
