import type { DataSet } from '../data-set/data-set.ts';
import type { DataSetRecord } from './create-data-set.ts';

/** What was once compressed with loss stays so: PS3.3 C.7.6.1.1.5. */
export function lossyAttributes(source: readonly DataSet[]): DataSetRecord {
  const lossy = source.find((one) => one.string('LossyImageCompression') === '01');
  if (lossy === undefined) return { LossyImageCompression: '00' };
  const texts = (name: 'LossyImageCompressionRatio' | 'LossyImageCompressionMethod'): string[] | undefined =>
    lossy.string(name) === undefined ? undefined : [...lossy.strings(name)];
  return {
    LossyImageCompression: '01',
    LossyImageCompressionRatio: texts('LossyImageCompressionRatio'),
    LossyImageCompressionMethod: texts('LossyImageCompressionMethod'),
  };
}
