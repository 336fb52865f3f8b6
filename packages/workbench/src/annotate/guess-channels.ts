/** A series of a study by its number, modality and description. */
export interface StudySeries {
  readonly uid: string;
  readonly name: string;
}

/**
 * The likely series of each channel: one that has the channel's name among its words, or within them; each series once while there are others.
 * The series that is open comes first where nothing is told.
 */
export function guessChannels(
  channels: readonly string[],
  series: readonly StudySeries[],
  open: string,
): readonly string[] {
  const sorted = series.toSorted((a, b) => Number(b.uid === open) - Number(a.uid === open));
  const taken = new Map<number, string>();
  const isFree = ({ uid }: StudySeries) => ![...taken.values()].includes(uid);
  for (const fits of [sameWord, within])
    channels.forEach((channel, i) => {
      const found = taken.has(i) ? undefined : sorted.find((one) => isFree(one) && fits(one.name, channel));
      if (found) taken.set(i, found.uid);
    });
  return channels.map((_, i) => {
    const uid = taken.get(i) ?? (sorted.find(isFree) ?? sorted[0])?.uid ?? '';
    taken.set(i, uid);
    return uid;
  });
}

const wordsOf = (text: string): readonly string[] => text.toLowerCase().split(/[^a-z0-9]+/);

function sameWord(name: string, channel: string): boolean {
  return wordsOf(name).includes(channel.toLowerCase());
}

function within(name: string, channel: string): boolean {
  return wordsOf(name).join('').includes(wordsOf(channel).join(''));
}
