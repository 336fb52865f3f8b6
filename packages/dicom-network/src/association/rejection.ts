import type { AssociateReject } from '../pdu/pdu.ts';

/** Results, sources and reasons of a rejection, with the words for each (PS3.8 table 9-21). */
const REJECTIONS = {
  NO_REASON: [1, 1, 1, 'no reason given'],
  APPLICATION_CONTEXT_NOT_SUPPORTED: [1, 1, 2, 'application context not supported'],
  CALLING_AE_TITLE_NOT_RECOGNIZED: [1, 1, 3, 'calling AE title not recognized'],
  CALLED_AE_TITLE_NOT_RECOGNIZED: [1, 1, 7, 'called AE title not recognized'],
  PROVIDER_NO_REASON: [1, 2, 1, 'no reason given by the provider'],
  PROTOCOL_VERSION_NOT_SUPPORTED: [1, 2, 2, 'protocol version not supported'],
  TEMPORARY_CONGESTION: [2, 3, 1, 'temporary congestion'],
  LOCAL_LIMIT_EXCEEDED: [2, 3, 2, 'local limit exceeded'],
} as const;

export type RejectionName = keyof typeof REJECTIONS;

/** The A-ASSOCIATE-RJ of that name. */
export function rejection(name: RejectionName): AssociateReject {
  const [result, source, reason] = REJECTIONS[name];
  return { type: 'A-ASSOCIATE-RJ', result, source, reason };
}

/** A rejection in words. */
export function describeRejection({ result, source, reason }: AssociateReject): string {
  const known = Object.values(REJECTIONS).find(([, s, r]) => s === source && r === reason);
  const kind = result === 2 ? 'transient' : 'permanent';
  return `${kind}: ${known?.[3] ?? `source ${source}, reason ${reason}`}`;
}
