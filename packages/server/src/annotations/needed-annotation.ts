import type { FastifyRequest } from 'fastify';
import { Refusal } from '../http/refusal.ts';
import type { Annotation, Annotations } from './annotations.ts';

/** @throws Refusal NOT_FOUND for what is not there, or not for who asks */
export async function neededAnnotation(
  annotations: Annotations,
  { params, access }: FastifyRequest,
): Promise<Annotation> {
  const found = await annotations.get((params as { annotation: string }).annotation, access);
  if (found) return found;
  throw new Refusal('NOT_FOUND', { what: 'annotation' });
}
