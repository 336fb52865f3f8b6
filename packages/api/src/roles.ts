/** What may be done, each on the data of a project or on the whole server. */
export const PERMISSIONS = [
  'archive.read',
  'archive.write',
  'archive.delete',
  'fhir.read',
  'fhir.write',
  'annotate',
  'train',
  'export',
  'jobs.read',
  'projects.manage',
  'users.manage',
  'audit.read',
  'server.manage',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** What is not divided by projects: held only by who holds the role for all of them. */
export const SERVER_WIDE: readonly Permission[] = ['users.manage', 'audit.read', 'server.manage'];

const VIEWER = ['archive.read', 'fhir.read', 'jobs.read'] as const satisfies Permission[];
const ANNOTATOR = [...VIEWER, 'archive.write', 'fhir.write', 'annotate'] as const satisfies Permission[];
const RESEARCHER = [...ANNOTATOR, 'train', 'export'] as const satisfies Permission[];

/** The permissions of each role; roles are given for a project or, by `*`, for all. */
export const ROLES = {
  viewer: VIEWER,
  annotator: ANNOTATOR,
  researcher: RESEARCHER,
  admin: PERMISSIONS,
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as [Role, ...Role[]];
