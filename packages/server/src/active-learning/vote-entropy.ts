/**
 * How much label maps of one grid disagree on each voxel: the entropy of the classes they give it, 0 (all the same) to 1 (all classes
 * equally).
 *
 * @param classes - with the background
 * @source Settles 2009, Active learning literature survey, 3.2: vote entropy
 */
export function voteEntropy(maps: readonly Uint8Array[], classes: number): Float32Array {
  const votes = new Uint16Array(256);
  const most = Math.log(Math.max(2, classes));
  return Float32Array.from({ length: maps[0]?.length ?? 0 }, (_, i) => {
    const first = maps[0]?.[i] as number;
    if (maps.every((map) => map[i] === first)) return 0;
    votes.fill(0);
    for (const map of maps) votes[map[i] as number] = (votes[map[i] as number] as number) + 1;
    let sum = 0;
    for (const count of votes) if (count > 0) sum -= (count / maps.length) * Math.log(count / maps.length);
    return Math.min(1, sum / most);
  });
}
