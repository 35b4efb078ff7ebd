// `mneme archive`: looks after the archive. Each verb is a file in archive/.
import { Command } from 'commander';
import { command as check } from './archive/check.js';
import { command as exporting } from './archive/export.js';
import { command as facts } from './archive/facts.js';
import { command as history } from './archive/history.js';
import { command as importing } from './archive/import.js';
import { command as reindex } from './archive/reindex.js';
import { command as rotateKeys } from './archive/rotate-keys.js';
import { command as undo } from './archive/undo.js';

export function command(): Command {
  const parent = new Command('archive').description(
    'Look after the archive: check, export, import, history.',
  );
  for (const verb of [facts, history, undo, check, reindex, exporting, importing, rotateKeys])
    parent.addCommand(verb());
  return parent;
}
