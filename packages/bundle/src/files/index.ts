export { fileErrorOf } from './file-error.ts';
export type { FileRecord } from './file-record.ts';
export { isRunning } from './is-running.ts';
export { type FolderListing, listFolder, readFileBytes, readJsonFile } from './read-files.ts';
export { sha256 } from './sha256.ts';
export { settleLeftovers, writeFileAtomic, writeFolderAtomic } from './write-atomic.ts';
