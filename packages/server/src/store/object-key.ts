/** Where the bytes of a file lie: by what they are, so the same bytes are kept once. */
export const objectKey = (sha256: string): string => `sha256/${sha256.slice(0, 2)}/${sha256}`;
