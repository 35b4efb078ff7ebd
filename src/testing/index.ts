// The public names of what helps people test what they build: files in memory, a generator that says what it is told to.
export type { BeforeChange } from './memory-files.js';
export { filesFullAt, filesKilledAt, MemoryDisk, MemoryFiles, memoryFiles } from './memory-files.js';
export type { StubGenerator, StubOptions } from './stub-generator.js';
export { stubGenerator } from './stub-generator.js';
