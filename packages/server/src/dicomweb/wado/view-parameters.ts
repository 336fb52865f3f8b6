import type { View, Viewport } from '../pixels/render.ts';
import { badRequest } from '../refusals.ts';

const FUNCTIONS = { linear: 'linear', linear_exact: 'linear-exact', sigmoid: 'sigmoid' } as const;
const MOST_PIXELS = 8192;

type Query = ReadonlyMap<string, string>;

/**
 * How WADO-RS asks for a picture: PS3.18 8.3.5.
 *
 * @throws 400 for values that cannot be followed; for annotations and colour profiles, which are not made
 */
export function readView(query: Query): Omit<View, 'format'> {
  if (query.has('annotation'))
    throw badRequest('parameter annotation', { got: 'annotations', expected: 'none: they are not burned in' });
  if ((query.get('iccprofile') ?? 'no') !== 'no') throw badRequest('parameter iccprofile', { expected: 'no' });
  const window = query.get('window');
  const viewport = query.get('viewport');
  const quality = query.get('quality');
  return {
    ...(window === undefined ? {} : { window: readWindow(window) }),
    ...(viewport === undefined ? {} : { viewport: readViewport(viewport) }),
    ...(quality === undefined ? {} : { quality: readQuality('quality', quality) }),
  };
}

function readWindow(text: string): NonNullable<View['window']> {
  const [center = '', width = '', name = 'linear', ...rest] = text.split(',');
  const kind = FUNCTIONS[name.trim().toLowerCase().replace('-', '_') as keyof typeof FUNCTIONS];
  if (kind === undefined || rest.length > 0) throw badWindow();
  return windowOf(center, width, kind);
}

export function windowOf(
  centerText: string,
  widthText: string,
  kind: 'linear' | 'linear-exact' | 'sigmoid' = 'linear',
): NonNullable<View['window']> {
  const center = decimal(centerText);
  const width = decimal(widthText);
  if (center === undefined || width === undefined || width < (kind === 'linear' ? 1 : Number.MIN_VALUE))
    throw badWindow();
  return { kind, center, width };
}

function badWindow() {
  return badRequest('window', { expected: 'center, width of at least 1, and linear, linear-exact or sigmoid' });
}

function readViewport(text: string): Viewport {
  const parts = text.split(',');
  const [width, height, left, top, regionWidth, regionHeight] = parts.map((part) =>
    part.trim() === '' ? undefined : decimal(part),
  );
  const size = pixels(width, height);
  if (parts.length !== 2 && parts.length !== 6) throw badViewport();
  if (left === undefined && top === undefined && regionWidth === undefined && regionHeight === undefined) return size;
  if (!regionWidth || !regionHeight) throw badViewport();
  return {
    ...size,
    region: { left: left ?? 0, top: top ?? 0, width: Math.abs(regionWidth), height: Math.abs(regionHeight) },
    flipHorizontally: regionWidth < 0,
    flipVertically: regionHeight < 0,
  };
}

export function pixels(width: number | undefined, height: number | undefined): { width: number; height: number } {
  const size = { width: Math.round(width ?? 0), height: Math.round(height ?? 0) };
  if (Object.values(size).every((side) => side >= 1 && side <= MOST_PIXELS)) return size;
  throw badViewport();
}

function badViewport() {
  return badRequest('viewport', {
    expected: `width and height of 1 to ${MOST_PIXELS}, and perhaps left, top, width and height of a part of the image`,
  });
}

export function readQuality(name: string, text: string): number {
  const quality = decimal(text);
  if (quality !== undefined && Number.isInteger(quality) && quality >= 1 && quality <= 100) return quality;
  throw badRequest(`parameter ${name}`, { expected: '1 to 100' });
}

export function decimal(text: string): number | undefined {
  return /^\s*[+-]?(\d{1,12}(\.\d{0,12})?|\.\d{1,12})([eE][+-]?\d{1,2})?\s*$/.test(text) ? Number(text) : undefined;
}
