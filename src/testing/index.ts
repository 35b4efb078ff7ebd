// The public names of what helps people test what they build: files in memory, a generator that says what it is told to.
export type { MemoryFilesOptions } from './memory-files.js';
export { memoryFiles } from './memory-files.js';
export type { StubGenerator, StubOptions } from './stub-generator.js';
export { stubGenerator } from './stub-generator.js';
