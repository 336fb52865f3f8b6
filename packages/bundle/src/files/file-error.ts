import { type ErrorCode, VesaliusError } from '@vesalius/errors';

/** What the operating system says, in our codes. */
const CODES: Readonly<Record<string, { code: ErrorCode; what: string }>> = {
  ENOENT: { code: 'FILE_NOT_FOUND', what: 'file or folder does not exist' },
  ENOTDIR: { code: 'FILE_NOT_FOUND', what: 'a file stands where a folder is expected' },
  EISDIR: { code: 'FILE_UNREADABLE', what: 'a folder stands where a file is expected' },
  EACCES: { code: 'FILE_UNREADABLE', what: 'permission denied' },
  EPERM: { code: 'FILE_UNREADABLE', what: 'permission denied' },
  EMFILE: { code: 'FILE_UNREADABLE', what: 'too many open files' },
  ENFILE: { code: 'FILE_UNREADABLE', what: 'too many open files' },
  EIO: { code: 'FILE_UNREADABLE', what: 'the device reports an error' },
  ELOOP: { code: 'FILE_UNREADABLE', what: 'links lead in a circle' },
  ENOSPC: { code: 'DISK_FULL', what: 'no room left on the disk' },
  EDQUOT: { code: 'DISK_FULL', what: 'no room left in the quota' },
  EROFS: { code: 'WRITE_FAILED', what: 'the disk is read-only' },
  EEXIST: { code: 'WRITE_FAILED', what: 'a file or folder of this name exists' },
  ENOTEMPTY: { code: 'WRITE_FAILED', what: 'the folder is not empty' },
  ENOMEM: { code: 'OUT_OF_MEMORY', what: 'memory is used up' },
};

/**
 * Any error as one of ours, with the file named: what the operating system says, memory that cannot be had. Others come back
 * as they are: they are defects, not the user's doing.
 *
 * @param writing - a refused permission is then a failed write
 */
export function fileErrorOf(error: unknown, file?: string, writing = false): unknown {
  if (error instanceof VesaliusError || !(error instanceof Error)) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  const named = file ?? path;
  const where = { ...(named === undefined ? {} : { file: named }), cause: error };
  const known = code === undefined ? undefined : CODES[code];
  if (known) {
    const refused = writing && known.code === 'FILE_UNREADABLE';
    return new VesaliusError(refused ? 'WRITE_FAILED' : known.code, { what: known.what, ...where });
  }
  if (/allocation failed|invalid (typed )?array (buffer )?length|out of memory/i.test(error.message)) {
    return new VesaliusError('OUT_OF_MEMORY', { what: 'memory for this step', ...where });
  }
  return error;
}
