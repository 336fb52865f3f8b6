/**
 * Factors on the learning rate that fall by `decay` with each layer from the classifier down: what is general changes least.
 *
 * @param depth - encoder blocks
 * @returns by the name of a parameter
 * @source Bao et al. 2022, BEiT
 */
export function layerWiseRates(depth: number, decay: number): (name: string) => number {
  const layerOf = (name: string): number => {
    if (/^(cls_token|pos_embed|patch_embed\.)/.test(name)) return 0;
    const block = /^blocks\.(\d+)\./.exec(name)?.[1];
    return block === undefined ? depth + 1 : Number(block) + 1;
  };
  return (name) => decay ** (depth + 1 - layerOf(name));
}
