import type { Permission } from '@vesalius/api';
import type { Access } from '../store/archive.ts';

export type { Permission };

/** Who asks: a user at a session, a token, another product by OpenID Connect, a DICOM peer, the product itself. */
export interface Principal {
  readonly id: string;
  readonly kind: 'user' | 'token' | 'openid' | 'peer' | 'product';
  /** For people; stands in the audit log. */
  readonly name: string;
  /** The user whose token it is: work is theirs, whatever token they do it with. */
  readonly person?: { readonly id: string; readonly name: string };
  /** The data on which a permission is held; no projects where it is not held. */
  accessFor(permission: Permission): Access;
  /** Of an app of SMART on FHIR: the resources it may touch; all without. The HTTP side keeps to it. */
  readonly fhirScopes?: readonly FhirScope[];
}

/** A resource type, or `*`, and what may be done with it. */
export interface FhirScope {
  readonly resource: string;
  /** Of `cruds`: create, read, update, delete, search. */
  readonly interactions: string;
  /** Only the compartment of this patient (id of the resource). */
  readonly patient?: string;
}

/** Nobody: what a request without credentials is. */
export const NOBODY: Principal = {
  id: 'nobody',
  kind: 'user',
  name: 'nobody',
  accessFor: () => ({ projects: [] }),
};

/** The product itself: first import, listeners, clean-up. */
export const PRODUCT: Principal = {
  id: 'vesalius',
  kind: 'product',
  name: 'vesalius',
  accessFor: () => ({ projects: 'all' }),
};
