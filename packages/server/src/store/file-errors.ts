import { VesaliusError } from '@vesalius/errors';

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** What fails in work on files, by the codes of the object store's contract. @throws DISK_FULL, WRITE_FAILED */
export async function writing<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof VesaliusError) throw cause;
    const full = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(cause) ?? '');
    throw new VesaliusError(full ? 'DISK_FULL' : 'WRITE_FAILED', { what: 'storing an object', cause });
  }
}
