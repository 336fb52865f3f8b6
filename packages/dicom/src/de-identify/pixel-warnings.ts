import type { DataSet } from '../data-set/data-set.ts';
import type { DeidentifyPolicy } from './policy.ts';

/** Kinds of images that often have names burned into their pixels. */
const OFTEN_BURNED_IN = ['US', 'XC', 'SC', 'OT', 'ES', 'GM', 'OP', 'XA', 'RF', 'CR', 'DX', 'SM', 'DOC'];

/** What no table can see: names in pixels, faces, documents. */
export function* pixelWarnings(dataSet: DataSet, { blackOut = [] }: DeidentifyPolicy): Generator<string> {
  if (dataSet.has('PixelData') && blackOut.length === 0) {
    const burnedIn = dataSet.string('BurnedInAnnotation');
    if (burnedIn === 'YES') yield 'BurnedInAnnotation is YES: the pixels show text that may name the patient';
    else if (burnedIn !== 'NO' && mayShowText(dataSet))
      yield 'the pixels may show text that names the patient: BurnedInAnnotation does not say NO';
  }
  if (dataSet.string('RecognizableVisualFeatures') === 'YES')
    yield 'RecognizableVisualFeatures is YES: the patient may be recognized by sight';
  if (dataSet.has('EncapsulatedDocument')) yield 'the encapsulated document was replaced: it may name the patient';
}

function mayShowText(dataSet: DataSet): boolean {
  const secondary = dataSet.strings('ImageType').includes('SECONDARY') || dataSet.has('ConversionType');
  return secondary || OFTEN_BURNED_IN.includes(dataSet.string('Modality') ?? '');
}
