import type { Access } from '../store/archive.ts';

/** What may be done, each on the data of a project or on the whole server. */
export type Permission =
  | 'archive.read'
  | 'archive.write'
  | 'archive.delete'
  | 'fhir.read'
  | 'fhir.write'
  | 'annotate'
  | 'train'
  | 'export'
  | 'jobs.read'
  | 'projects.manage'
  | 'users.manage'
  | 'audit.read'
  | 'server.manage';

/** Who asks: a user at a session, a token, another product by OpenID Connect, a DICOM peer, the product itself. */
export interface Principal {
  readonly id: string;
  readonly kind: 'user' | 'token' | 'openid' | 'peer' | 'product';
  /** For people; stands in the audit log. */
  readonly name: string;
  /** The data on which a permission is held; no projects where it is not held. */
  accessFor(permission: Permission): Access;
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
