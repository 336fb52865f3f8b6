import { fromJson, type MeasurementReport, type Observer, readMeasurementReport } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';
import { nameOf } from '../dicom-values.ts';
import type { FhirResource } from '../fhir-resource.ts';
import type { DerivedObject } from './derived-object.ts';
import { deviceId, toDevice } from './to-device.ts';
import { statusOf, toDiagnosticReport, verifiersOf } from './to-diagnostic-report.ts';
import { personName, toObservations } from './to-observations.ts';
import { type Agent, toProvenance } from './to-provenance.ts';

const STRUCTURED_REPORT = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.88\./;
const SEGMENTATIONS = ['1.2.840.10008.5.1.4.1.1.66.4', '1.2.840.10008.5.1.4.1.1.66.7'];

/** Whether FHIR has something to say of an instance of its class. */
export const hasResults = (sopClassUid: string): boolean =>
  STRUCTURED_REPORT.test(sopClassUid) || SEGMENTATIONS.includes(sopClassUid);

/**
 * What an object of the archive means in FHIR: of a measurement report a DiagnosticReport, its Observations, the Devices that observed and
 * the Provenance of all; of a segmentation its Provenance; nothing of other documents.
 */
export async function toResults(object: DerivedObject, sopClassUid: string): Promise<FhirResource[]> {
  if (SEGMENTATIONS.includes(sopClassUid)) return [toProvenance(object, [], segmentationAgents(object))];
  const report = await reportOf(object);
  if (report === undefined) return [];
  const observations = toObservations(object, report, statusOf(object.attributes));
  const made = [toDiagnosticReport(object, report, observations), ...observations];
  const devices = report.observers.flatMap((each) => (each.kind === 'device' ? [toDevice(object.project, each)] : []));
  const verifiers = verifiersOf(object.attributes).map((display): Agent => ({ role: 'verifier', who: { display } }));
  return [
    ...made,
    ...devices,
    toProvenance(object, made, [...report.observers.map((each) => agentOf(object.project, each)), ...verifiers]),
  ];
}

async function reportOf({ attributes }: DerivedObject): Promise<MeasurementReport | undefined> {
  try {
    return readMeasurementReport(await fromJson(attributes));
  } catch (error) {
    // A document of another template, or a broken one: the archive keeps both.
    if (error instanceof VesaliusError) return undefined;
    throw error;
  }
}

function agentOf(project: string, observer: Observer): Agent {
  if (observer.kind === 'person') return { role: 'author', who: { display: personName(observer.name) } };
  return { role: 'assembler', who: { reference: `Device/${deviceId(project, observer.uid)}` } };
}

/** ContentCreatorName, and the algorithms of the segments. */
function segmentationAgents({ attributes }: DerivedObject): Agent[] {
  const creator = personName(nameOf(attributes, '00700084').Alphabetic ?? '');
  const segments = (attributes['00620002']?.Value ?? []) as DerivedObject['attributes'][];
  const algorithms = new Set(segments.flatMap((segment) => segment['00620009']?.Value ?? []).map(String));
  return [
    ...(creator === '' ? [] : [{ role: 'author', who: { display: creator } } as const]),
    ...[...algorithms].map((display) => ({ role: 'assembler', who: { display } }) as const),
  ];
}
