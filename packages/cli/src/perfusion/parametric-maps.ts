import {
  buildParametricMap,
  type Code,
  codeNamed,
  createDicomFile,
  createUid,
  type DataSet,
  writeDicom,
} from '@vesalius/dicom';
import type { PerfusionMap, PerfusionMaps } from '@vesalius/medical';

const PER_MINUTE: Code = { scheme: 'UCUM', value: '/min', meaning: 'per minute' };
const QUANTITIES: readonly { readonly map: PerfusionMap; readonly keyword: string; readonly unit: Code }[] = [
  { map: 'ktrans', keyword: 'Ktrans', unit: PER_MINUTE },
  { map: 'kep', keyword: 'Kep', unit: PER_MINUTE },
  { map: 've', keyword: 'Ve', unit: codeNamed('UCUM', 'NoUnits') },
  { map: 'vp', keyword: 'Vp', unit: codeNamed('UCUM', 'NoUnits') },
];

/** Ktrans, kep, ve and vp as DICOM parametric maps of the patient and study they were measured in, a series each. */
export async function* parametricMaps(
  { maps }: PerfusionMaps,
  source: readonly DataSet[],
): AsyncGenerator<{ readonly name: string; readonly bytes: Uint8Array }> {
  for (const { map, keyword, unit } of QUANTITIES) {
    const dataSet = buildParametricMap({
      source,
      content: maps[map],
      unit,
      quantity: codeNamed('DCM', keyword),
      derivation: codeNamed('DCM', 'PerfusionImageAnalysis'),
      label: keyword,
      seriesInstanceUid: createUid(),
      seriesDescription: `${keyword} (Tofts)`,
    });
    yield { name: `${map}.dcm`, bytes: await writeDicom(createDicomFile(dataSet)) };
  }
}
