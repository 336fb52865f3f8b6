import { expect, test } from 'vitest';
import { type PresetName, windowOfPreset, windowPresets } from './window.ts';

const seen = { values: Int16Array.from({ length: 1000 }, (_, i) => i), stored: { center: 7, width: 3 } };
const ofMr = (name: PresetName) => {
  const preset = windowPresets('MR').find(({ id }) => id === name);
  return preset && windowOfPreset(preset, seen);
};

test('CT has windows in Hounsfield units, each on a key of its own', () => {
  const presets = windowPresets('CT');
  expect(new Set(presets.map(({ key }) => key)).size).toBe(presets.length);
  expect(presets[0] && windowOfPreset(presets[0], seen)).toEqual({ center: 40, width: 400 });
});

test('what has no scale is shown by what is seen', () => {
  expect(ofMr('ofFile')).toEqual({ center: 7, width: 3 });
  expect(ofMr('wholeRange')).toEqual({ center: 499.5, width: 999 });
  expect(ofMr('upperHalf')).toEqual({ center: 749.25, width: 499.5 });
  const { center, width } = ofMr('automatic') ?? { center: 0, width: 0 };
  expect([center - width / 2, center + width / 2]).toEqual([expect.closeTo(10, -1), expect.closeTo(990, -1)]);
});
