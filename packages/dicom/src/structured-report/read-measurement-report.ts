import { VesaliusError } from '@vesalius/errors';
import { type Code, sameCode } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { present } from '../objects/present.ts';
import { CONCEPTS } from './concepts.ts';
import type { ContentItem, InstanceReference } from './content-item.ts';
import type {
  Evaluation,
  MeasuredRegion,
  Measurement,
  MeasurementGroup,
  MeasurementReport,
  Observer,
} from './measurement-report.ts';
import { readContentTree } from './read-content.ts';

/**
 * Reads a measurement report of any writer that follows TID 1500; what it has besides is left out, and stands in
 * `readContentTree`.
 *
 * @throws VALUE_INVALID when the document has no imaging measurements
 */
export function readMeasurementReport(dataSet: DataSet): MeasurementReport {
  const root = readContentTree(dataSet);
  const measurements = children(root, CONCEPTS.measurements);
  if (measurements.length === 0)
    throw new VesaliusError('VALUE_INVALID', { what: 'imaging measurements of a report', got: 'none' });
  const library = children(root, CONCEPTS.imageLibrary).flatMap(below);
  const images = library.flatMap((one) => (one.type === 'IMAGE' ? [one.instance] : []));
  return {
    observers: observersOf(root),
    groups: measurements.flatMap((one) => children(one, CONCEPTS.group)).map(groupOf),
    ...present({
      title: root.name,
      language: codeOf(root, CONCEPTS.language)?.value,
      procedure: codeOf(root, CONCEPTS.procedure),
      images: someOf(images),
    }),
  };
}

function children({ children: all = [] }: ContentItem, name: Code): ContentItem[] {
  return all.filter((child) => sameCode(child.name, name));
}

function below(item: ContentItem): ContentItem[] {
  return (item.children ?? []).flatMap((child) => [child, ...below(child)]);
}

function codeOf(parent: ContentItem, name: Code): Code | undefined {
  return children(parent, name).flatMap((child) => (child.type === 'CODE' ? [child.code] : []))[0];
}

function textOf(parent: ContentItem, name: Code): string | undefined {
  return children(parent, name).flatMap((child) => ('text' in child ? [child.text] : []))[0];
}

function someOf<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** Each observer begins with its type: TID 1002. */
function observersOf(root: ContentItem): Observer[] {
  const runs: ContentItem[][] = [];
  for (const child of root.children ?? []) {
    if (child.relationship !== 'HAS OBS CONTEXT') continue;
    if (sameCode(child.name, CONCEPTS.observerType) || runs.length === 0) runs.push([]);
    runs.at(-1)?.push(child);
  }
  return runs.flatMap((run) => observerOf({ type: 'CONTAINER', children: run }));
}

function observerOf(run: ContentItem): Observer[] {
  const name = textOf(run, CONCEPTS.personName);
  if (name !== undefined) return [{ kind: 'person', name }];
  const uid = textOf(run, CONCEPTS.deviceUid);
  if (uid === undefined) return [];
  const more = present({
    name: textOf(run, CONCEPTS.deviceName),
    manufacturer: textOf(run, CONCEPTS.deviceManufacturer),
    model: textOf(run, CONCEPTS.deviceModel),
    serialNumber: textOf(run, CONCEPTS.deviceSerialNumber),
  });
  return [{ kind: 'device', uid, ...more }];
}

function groupOf(group: ContentItem): MeasurementGroup {
  return {
    trackingId: textOf(group, CONCEPTS.trackingId) ?? '',
    trackingUid: textOf(group, CONCEPTS.trackingUid) ?? '',
    ...present({
      findingCategory: codeOf(group, CONCEPTS.findingCategory),
      finding: codeOf(group, CONCEPTS.finding),
      findingSites: someOf(children(group, CONCEPTS.findingSite).flatMap(siteOf)),
      method: codeOf(group, CONCEPTS.method),
      regions: someOf(regionsOf(group)),
      measurements: someOf((group.children ?? []).flatMap(measurementOf)),
      evaluations: someOf((group.children ?? []).flatMap(evaluationOf)),
    }),
  };
}

function siteOf(item: ContentItem) {
  if (item.type !== 'CODE') return [];
  const more = { laterality: codeOf(item, CONCEPTS.laterality), modifier: codeOf(item, CONCEPTS.siteModifier) };
  return [{ site: item.code, ...present(more) }];
}

function regionsOf(group: ContentItem): MeasuredRegion[] {
  const images = (name: Code): InstanceReference[] =>
    children(group, name).flatMap((child) => (child.type === 'IMAGE' ? [child.instance] : []));
  const source = present({
    sourceImages: someOf(images(CONCEPTS.sourceImage)),
    sourceSeriesUid: textOf(group, CONCEPTS.sourceSeries),
  });
  const segments = images(CONCEPTS.segment).map((segment): MeasuredRegion => ({ kind: 'segment', segment, ...source }));
  return [...segments, ...(group.children ?? []).flatMap(shapeOf)];
}

/** Whatever its name: some writers call a shape a path, an outline or a volume's surface. */
function shapeOf(item: ContentItem): MeasuredRegion[] {
  if (item.type === 'SCOORD3D') {
    const { graphic, points, frameOfReferenceUid } = item;
    return [{ kind: 'patient', graphic, points, frameOfReferenceUid }];
  }
  const image = item.children?.find((child) => child.type === 'IMAGE');
  if (item.type !== 'SCOORD' || image?.type !== 'IMAGE') return [];
  return [{ kind: 'image', graphic: item.graphic, points: item.points, image: image.instance }];
}

function measurementOf(item: ContentItem): Measurement[] {
  if (item.type !== 'NUM' || item.name === undefined) return [];
  const { name, value, unit, qualifier } = item;
  const more = { method: codeOf(item, CONCEPTS.method), derivation: codeOf(item, CONCEPTS.derivation) };
  return [{ name, ...present({ value, unit, qualifier, ...more }) }];
}

const NOT_EVALUATIONS: readonly Code[] = [CONCEPTS.finding, CONCEPTS.findingCategory, CONCEPTS.findingSite];

function evaluationOf(item: ContentItem): Evaluation[] {
  const { name, relationship } = item;
  if (name === undefined || relationship !== 'CONTAINS' || NOT_EVALUATIONS.some((one) => sameCode(one, name)))
    return [];
  if (item.type === 'CODE') return [{ name, value: item.code }];
  return item.type === 'TEXT' ? [{ name, value: item.text }] : [];
}
