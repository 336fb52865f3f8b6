import type { DataSet } from '../data-set/data-set.ts';

/** JPEG 2000's COM; its code-stream begins with SOC and ends its header with SOT. */
const J2K = { start: 0x4f, end: 0x90, comments: [0x64], kept: 2 } as const;
/** JPEG's COM and APPn, but for those that say how to decode: APP8 of JPEG-LS and APP14 of Adobe. */
const JPEG = {
  start: 0xd8,
  end: 0xda,
  comments: [0xfe, ...Array.from({ length: 16 }, (_, n) => 0xe0 + n).filter((code) => code !== 0xe8 && code !== 0xee)],
  kept: 0,
} as const;

/**
 * A data set whose compressed pixels have blanks in place of comments and application data, where some encoders put names. Every byte keeps
 * its place, so offset tables stay true.
 */
export function blankComments(dataSet: DataSet): DataSet {
  const pixels = dataSet.get('PixelData');
  if (pixels?.kind !== 'fragments') return dataSet;
  const fragments = pixels.fragments.map(blanked);
  if (fragments.every((fragment, i) => fragment === pixels.fragments[i])) return dataSet;
  const { stored: _, ...element } = pixels;
  return dataSet.with({ ...element, fragments });
}

function blanked(fragment: Uint8Array): Uint8Array {
  const rule = fragment[0] === 0xff ? [JPEG, J2K].find(({ start }) => start === fragment[1]) : undefined;
  if (rule === undefined) return fragment;
  let copy: Uint8Array | undefined;
  for (let at = 2; at + 4 <= fragment.length && fragment[at] === 0xff; ) {
    const code = fragment[at + 1] as number;
    if (code === rule.end) break;
    const length = (fragment[at + 2] as number) * 256 + (fragment[at + 3] as number);
    if ((rule.comments as readonly number[]).includes(code)) {
      copy ??= new Uint8Array(fragment);
      copy.fill(0x20, Math.min(at + 4 + rule.kept, at + 2 + length), at + 2 + length);
    }
    at += 2 + Math.max(2, length);
  }
  return copy ?? fragment;
}
