import type { Observer } from '@vesalius/dicom';
import { DICOM_UID, type FhirResource } from '../fhir-resource.ts';
import { resourceId } from '../resource-id.ts';
import { oid } from './derived-object.ts';

/** Of one project: what is told of it elsewhere is not known here. */
export const deviceId = (project: string, uid: string): string => resourceId('device', project, uid);

/**
 * The Device that observed: a program or a machine.
 *
 * @source DICOM PS3.16 TID 1004, FHIR R4 Device
 */
export function toDevice(project: string, device: Observer & { kind: 'device' }): FhirResource {
  const { uid, name, manufacturer, model, serialNumber } = device;
  return {
    resourceType: 'Device',
    id: deviceId(project, uid),
    identifier: [{ system: DICOM_UID, value: oid(uid) }],
    status: 'active',
    ...(manufacturer !== undefined && { manufacturer }),
    ...(model !== undefined && { modelNumber: model }),
    ...(serialNumber !== undefined && { serialNumber }),
    ...(name !== undefined && { deviceName: [{ name, type: 'user-friendly-name' }] }),
  };
}
