// Whether a folder holds a run, asked of the disk. Knows no verb.

/** Whether there is a run to go on with. */
export async function holdsRun(folder: string): Promise<boolean> {
  const checkpoint = await import('../checkpoint/index.js');
  const { files } = await import('../core/files.node.js');
  return checkpoint.holdsRun(files, folder);
}
