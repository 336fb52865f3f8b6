/** Lays pixels over others. @param to - and `from`: alpha, blue, green, red from the highest byte on, not multiplied */
export function blendOver(to: Uint32Array, from: Uint32Array): void {
  for (let i = 0; i < to.length; i++) {
    const top = from[i] as number;
    const topAlpha = top >>> 24;
    if (topAlpha === 0) continue;
    const below = to[i] as number;
    const belowAlpha = ((below >>> 24) * (255 - topAlpha)) / 255;
    const alpha = topAlpha + belowAlpha;
    const channel = (shift: number) =>
      Math.round((((top >>> shift) & 255) * topAlpha + ((below >>> shift) & 255) * belowAlpha) / alpha) << shift;
    to[i] = ((Math.round(alpha) << 24) | channel(16) | channel(8) | channel(0)) >>> 0;
  }
}
