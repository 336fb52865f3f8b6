import { relative } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import type { CheckedDataset } from './open-checked-dataset.ts';

/**
 * The same cases with some of their channels, in the order asked for.
 *
 * @throws INVALID_ARGUMENT for a name that is none, DATA_MISMATCH where one file holds all channels
 */
export function chooseChannels({ dataset, report }: CheckedDataset, names: readonly string[]): CheckedDataset {
  const known = dataset.channels.map(({ name }) => name);
  const chosen = names.map((name) => known.findIndex((other) => other.toLowerCase() === name.toLowerCase()));
  if (chosen.length === 0 || chosen.includes(-1) || new Set(chosen).size < chosen.length)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'channels',
      got: names,
      expected: `some of ${known.join(', ')}`,
    });
  const pick = <T>(values: readonly T[]): T[] => chosen.map((i) => values[i] as T);
  const dropped = new Set<string>();
  const cases = dataset.cases.map((item) => {
    if (item.images.length !== known.length)
      throw new VesaliusError('DATA_MISMATCH', {
        what: `files of case ${item.id}`,
        got: item.images.length,
        expected: `one a channel, to choose ${names.join(', ')}`,
        file: dataset.root,
      });
    for (const [i, file] of item.images.entries())
      if (file !== null && !chosen.includes(i)) dropped.add(relative(dataset.root, file).replaceAll('\\', '/'));
    return { ...item, images: pick(item.images) };
  });
  const checked = report.cases.map((one) => ({
    ...one,
    summary: { ...one.summary, channels: pick(one.summary.channels) },
    files: one.files.filter(({ path }) => !dropped.has(path)),
  }));
  return { dataset: { ...dataset, channels: pick(dataset.channels), cases }, report: { ...report, cases: checked } };
}
