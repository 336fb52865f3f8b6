import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import { present } from '../objects/present.ts';
import { voiTransforms } from '../pixels/voi.ts';
import type { Annotation, DisplayedArea, GraphicObject, PresentationState, TextObject } from './presentation-state.ts';

/**
 * Reads a greyscale softcopy presentation state, and of the colour and blending states what they share with it.
 *
 * @throws VALUE_INVALID when the data set selects no displayed area
 */
export function readPresentationState(dataSet: DataSet): PresentationState {
  if (!dataSet.has('DisplayedAreaSelectionSequence'))
    throw new VesaliusError('VALUE_INVALID', { what: 'DisplayedAreaSelectionSequence', got: 'none' });
  const slope = dataSet.number('RescaleSlope');
  return {
    label: dataSet.string('ContentLabel') ?? '',
    imageUids: dataSet.items('ReferencedSeriesSequence').flatMap((series) => imagesOf(series).imageUids ?? []),
    annotations: dataSet.items('GraphicAnnotationSequence').map(annotationOf),
    displayedAreas: dataSet.items('DisplayedAreaSelectionSequence').map(areaOf),
    voi: dataSet
      .items('SoftcopyVOILUTSequence')
      .map((item) => ({ ...imagesOf(item), transforms: voiTransforms(item) })),
    inverse: dataSet.string('PresentationLUTShape') === 'INVERSE',
    rotation: dataSet.number('ImageRotation') ?? 0,
    flipped: dataSet.string('ImageHorizontalFlip') === 'Y',
    ...present({
      description: dataSet.string('ContentDescription'),
      creator: dataSet.string('ContentCreatorName'),
      rescale: slope === undefined ? undefined : { slope, intercept: dataSet.number('RescaleIntercept') ?? 0 },
    }),
  };
}

function imagesOf(item: DataSet): { readonly imageUids?: readonly string[] } {
  const uids = item.items('ReferencedImageSequence').flatMap((image) => image.strings('ReferencedSOPInstanceUID'));
  return uids.length === 0 ? {} : { imageUids: uids };
}

function areaOf(item: DataSet): DisplayedArea {
  const [left = 1, top = 1] = item.numbers('DisplayedAreaTopLeftHandCorner');
  const [right = 1, bottom = 1] = item.numbers('DisplayedAreaBottomRightHandCorner');
  const mode = item.string('PresentationSizeMode');
  return {
    ...imagesOf(item),
    topLeft: [left, top],
    bottomRight: [right, bottom],
    mode: mode === 'TRUE SIZE' || mode === 'MAGNIFY' ? mode : 'SCALE TO FIT',
  };
}

function annotationOf(item: DataSet): Annotation {
  const graphics = item.items('GraphicObjectSequence').map(graphicOf);
  const texts = item.items('TextObjectSequence').map(textOf);
  return {
    layer: item.string('GraphicLayer') ?? '',
    ...imagesOf(item),
    ...present({
      graphics: graphics.length > 0 ? graphics : undefined,
      texts: texts.length > 0 ? texts : undefined,
    }),
  };
}

function graphicOf(item: DataSet): GraphicObject {
  const filled = item.string('GraphicFilled');
  return {
    kind: (item.string('GraphicType') ?? '') as GraphicObject['kind'],
    units: unitsOf(item.string('GraphicAnnotationUnits')),
    points: item.numbers('GraphicData'),
    ...present({ filled: filled === undefined ? undefined : filled === 'Y' }),
  };
}

function unitsOf(text: string | undefined): 'PIXEL' | 'DISPLAY' {
  return text === 'DISPLAY' ? 'DISPLAY' : 'PIXEL';
}

function textOf(item: DataSet): TextObject {
  const anchor = item.numbers('AnchorPoint');
  const box = [...item.numbers('BoundingBoxTopLeftHandCorner'), ...item.numbers('BoundingBoxBottomRightHandCorner')];
  const units = item.string('BoundingBoxAnnotationUnits') ?? item.string('AnchorPointAnnotationUnits');
  return {
    text: item.string('UnformattedTextValue') ?? '',
    units: unitsOf(units),
    ...present({
      anchor: anchor.length === 2 ? (anchor as unknown as [number, number]) : undefined,
      anchorVisible: anchor.length === 2 ? item.string('AnchorPointVisibility') === 'Y' : undefined,
      box: box.length === 4 ? (box as unknown as [number, number, number, number]) : undefined,
    }),
  };
}
