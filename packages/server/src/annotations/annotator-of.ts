import type { Principal } from '../http/principal.ts';
import { Refusal } from '../http/refusal.ts';
import { holds } from '../store/holds.ts';
import type { Annotation } from './annotations.ts';

/** Whose work it is, whatever token it is done with. */
export function personOf(principal: Principal): { readonly id: string; readonly name: string } {
  const { id, name } = principal.person ?? principal;
  return { id, name };
}

/** @throws Refusal NOT_ALLOWED for the work of another */
export function demandOwn({ annotator }: Annotation, principal: Principal): void {
  if (annotator.id === personOf(principal).id) return;
  throw new Refusal('NOT_ALLOWED', { what: 'label map of another', expected: 'the own one' });
}

/** Who manages a project may do for others what they may do themselves. */
export function manages({ project }: Pick<Annotation, 'project'>, principal: Principal): boolean {
  return holds(principal.accessFor('projects.manage'), project);
}
