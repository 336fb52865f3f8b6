/** Mean Dice of two label maps over the values that stand in either; 1 where both are empty. */
export function meanDice(truth: Uint8Array, proposal: Uint8Array): number {
  const both = new Float64Array(256);
  const sizes = new Float64Array(256);
  for (let i = 0; i < truth.length; i++) {
    const [a, b] = [truth[i] as number, proposal[i] as number];
    sizes[a] = (sizes[a] as number) + 1;
    sizes[b] = (sizes[b] as number) + 1;
    if (a === b) both[a] = (both[a] as number) + 1;
  }
  const values = [...sizes.keys()].filter((value) => value > 0 && (sizes[value] as number) > 0);
  if (values.length === 0) return 1;
  return (
    values.reduce((sum, value) => sum + (2 * (both[value] as number)) / (sizes[value] as number), 0) / values.length
  );
}
