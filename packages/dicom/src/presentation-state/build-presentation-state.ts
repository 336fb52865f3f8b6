import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import type { DataSetRecord } from '../objects/create-data-set.ts';
import { createInstance, dateAndTime, type InstanceOptions } from '../objects/create-instance.ts';
import { instanceReference, lateralityAttributes, seriesReferences } from '../objects/references.ts';
import type { Annotation, GraphicObject, TextObject } from './presentation-state.ts';

export interface BuildPresentationStateOptions extends InstanceOptions {
  /** The images it is about: greyscale, of one rescale. */
  readonly source: readonly DataSet[];
  /** Characters of CS, at most 16. */
  readonly label: string;
  readonly description?: string;
  readonly creatorName?: string;
  readonly annotations?: readonly Annotation[];
  readonly window?: { readonly center: number; readonly width: number; readonly explanation?: string };
  /** Corners count pixels from 1; the whole of each image without it. */
  readonly displayedArea?: {
    readonly topLeft: readonly [column: number, row: number];
    readonly bottomRight: readonly [column: number, row: number];
  };
  readonly inverse?: boolean;
}

const GREYSCALE_STATE = '1.2.840.10008.5.1.4.1.1.11.1';

/**
 * A greyscale softcopy presentation state: window, displayed area, graphics and words for images.
 *
 * @throws DATA_MISMATCH when the images are of several studies or rescales, or an annotation names an image that is none of them
 * @source PS3.3 A.33.1, C.10.4 to C.10.7, C.11.8, C.11.10
 */
export function buildPresentationState(options: BuildPresentationStateOptions): DataSet {
  const { source, annotations = [], now = new Date() } = options;
  const { date, time } = dateAndTime(now, source[0]);
  return createInstance({
    ...options,
    sopClassUid: GREYSCALE_STATE,
    modality: 'PR',
    attributes: {
      ...lateralityAttributes(source),
      PresentationCreationDate: date,
      PresentationCreationTime: time,
      ContentLabel: options.label,
      ContentDescription: options.description ?? null,
      ContentCreatorName: options.creatorName ?? null,
      ReferencedSeriesSequence: seriesReferences(source, 'ReferencedImageSequence'),
      ...rescaleOf(source),
      ...(options.window ? { SoftcopyVOILUTSequence: [windowItem(options.window)] } : {}),
      DisplayedAreaSelectionSequence: areaItems(options),
      ...(annotations.length > 0
        ? {
            GraphicAnnotationSequence: annotations.map((one) => annotationItem(one, source)),
            GraphicLayerSequence: layerItems(annotations),
          }
        : {}),
      PresentationLUTShape: options.inverse ? 'INVERSE' : 'IDENTITY',
    },
  });
}

/** PS3.3 C.11.1: one state has one modality transform. */
function rescaleOf(source: readonly DataSet[]): DataSetRecord {
  const [first] = source;
  for (const name of ['RescaleSlope', 'RescaleIntercept', 'RescaleType'] as const) {
    const found = new Set(source.map((one) => one.string(name)));
    if (found.size > 1)
      throw new VesaliusError('DATA_MISMATCH', {
        what: `${name} of the images`,
        got: found.size,
        expected: 'one value',
      });
  }
  if (first?.has('RescaleSlope') !== true) return {};
  return {
    RescaleSlope: first.number('RescaleSlope'),
    RescaleIntercept: first.number('RescaleIntercept') ?? 0,
    RescaleType: first.string('RescaleType') ?? 'US',
  };
}

function windowItem({
  center,
  width,
  explanation,
}: NonNullable<BuildPresentationStateOptions['window']>): DataSetRecord {
  return { WindowCenter: center, WindowWidth: width, WindowCenterWidthExplanation: explanation };
}

/** One item for the images of each size. */
function areaItems({ source, displayedArea }: BuildPresentationStateOptions): DataSetRecord[] {
  const bySize = Map.groupBy(source, (one) => `${one.number('Columns')}x${one.number('Rows')}`);
  return [...bySize.values()].map((images) => {
    const [first] = images as [DataSet];
    const spacing = first.numbers('PixelSpacing');
    return {
      ReferencedImageSequence: bySize.size > 1 ? images.map(instanceReference) : undefined,
      DisplayedAreaTopLeftHandCorner: [...(displayedArea?.topLeft ?? [1, 1])],
      DisplayedAreaBottomRightHandCorner: [
        ...(displayedArea?.bottomRight ?? [first.number('Columns') ?? 1, first.number('Rows') ?? 1]),
      ],
      PresentationSizeMode: 'SCALE TO FIT',
      ...(spacing.length === 2 ? { PresentationPixelSpacing: [...spacing] } : { PresentationPixelAspectRatio: [1, 1] }),
    };
  });
}

function annotationItem({ layer, imageUids, graphics, texts }: Annotation, source: readonly DataSet[]): DataSetRecord {
  return {
    ReferencedImageSequence: imageUids?.map((uid) => instanceReference(imageOf(uid, source))),
    GraphicLayer: layer,
    TextObjectSequence: texts && texts.length > 0 ? texts.map(textItem) : undefined,
    GraphicObjectSequence: graphics && graphics.length > 0 ? graphics.map(graphicItem) : undefined,
  };
}

function imageOf(uid: string, source: readonly DataSet[]): DataSet {
  const image = source.find((one) => one.string('SOPInstanceUID') === uid);
  if (image !== undefined) return image;
  throw new VesaliusError('DATA_MISMATCH', {
    what: 'image of an annotation',
    got: uid,
    expected: 'one of the sources',
  });
}

function graphicItem({ kind, units, points, filled }: GraphicObject): DataSetRecord {
  return {
    GraphicAnnotationUnits: units,
    GraphicDimensions: 2,
    NumberOfGraphicPoints: points.length / 2,
    GraphicData: [...points],
    GraphicType: kind,
    GraphicFilled: kind === 'POINT' ? undefined : filled ? 'Y' : 'N',
  };
}

function textItem({ text, units, anchor, anchorVisible, box }: TextObject): DataSetRecord {
  return {
    UnformattedTextValue: text,
    ...(anchor === undefined
      ? {}
      : {
          AnchorPoint: [...anchor],
          AnchorPointAnnotationUnits: units,
          AnchorPointVisibility: anchorVisible ? 'Y' : 'N',
        }),
    ...(box === undefined
      ? {}
      : {
          BoundingBoxAnnotationUnits: units,
          BoundingBoxTopLeftHandCorner: box.slice(0, 2),
          BoundingBoxBottomRightHandCorner: box.slice(2),
          BoundingBoxTextHorizontalJustification: 'LEFT',
        }),
  };
}

function layerItems(annotations: readonly Annotation[]): DataSetRecord[] {
  const layers = [...new Set(annotations.map(({ layer }) => layer))];
  return layers.map((layer, i) => ({ GraphicLayer: layer, GraphicLayerOrder: i + 1 }));
}
