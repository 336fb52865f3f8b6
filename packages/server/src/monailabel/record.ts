import type { Call } from './call.ts';
import type { Image } from './images.ts';

/** Puts what happened into the audit log: the study it touched, never what is in it. */
export async function record(
  { services, request }: Call,
  action: string,
  image?: Pick<Image, 'study' | 'series'>,
): Promise<void> {
  const entities = image && [
    { kind: 'study', id: image.study },
    { kind: 'series', id: image.series },
  ];
  await services.audit.record({
    ...{ action, outcome: 'success', principal: request.principal.id, from: request.ip, detail: 'MONAI Label' },
    ...(entities === undefined ? {} : { entities }),
  });
}
