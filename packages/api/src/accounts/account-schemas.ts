import { z } from 'zod';
import { id, projectIdSchema, time } from '../basic-schemas.ts';
import { PERMISSIONS, ROLE_NAMES } from '../roles.ts';

/** The role that is held for a project, or for all of them. */
const grantSchema = z.object({ project: z.union([z.literal('*'), projectIdSchema]), role: z.enum(ROLE_NAMES) });

const userNameSchema = z.string().regex(/^[\w.@+-]{1,100}$/, 'letters, digits and . @ + - _');
const passwordSchema = z.string().min(12).max(1024);

export const userSchema = z.object({
  id,
  name: userNameSchema,
  grants: z.array(grantSchema),
  disabled: z.boolean(),
  mustChangePassword: z.boolean(),
  openId: z.boolean().describe('Signs in at the OpenID provider, which says its roles.'),
  createdAt: time,
});

export const newUserSchema = z.object({ name: userNameSchema, grants: z.array(grantSchema).max(1000) });
export const userChangeSchema = z.object({ grants: z.array(grantSchema).max(1000), disabled: z.boolean() }).partial();
export const oneTimePasswordSchema = z.object({
  user: userSchema,
  oneTimePassword: z.string().describe('Shown this once; must be changed at the first sign-in.'),
});

export const signInSchema = z.object({ name: z.string().min(1).max(100), password: z.string().min(1).max(1024) });
export const passwordChangeSchema = z.object({ old: z.string().max(1024), new: passwordSchema });

export const meSchema = z.object({
  id,
  name: z.string(),
  kind: z.enum(['user', 'token', 'openid', 'peer', 'product']),
  mustChangePassword: z.boolean(),
  permissions: z.array(
    z.object({ permission: z.enum(PERMISSIONS), projects: z.union([z.literal('all'), z.array(projectIdSchema)]) }),
  ),
});

export const tokenSchema = z.object({
  id,
  name: z.string(),
  permissions: z.array(z.enum(PERMISSIONS)),
  projects: z.union([z.literal('all'), z.array(projectIdSchema)]),
  createdAt: time,
  expiresAt: time,
});

export const newTokenSchema = z.object({
  name: z.string().min(1).max(100),
  permissions: z.array(z.enum(PERMISSIONS)).min(1),
  projects: z.union([z.literal('all'), z.array(projectIdSchema).max(1000)]).default('all'),
  days: z.int().min(1).max(366).default(90),
});

export const shownTokenSchema = tokenSchema.extend({ token: z.string().describe('Shown this once.') });

export const projectSchema = z.object({ id: projectIdSchema, name: z.string(), createdAt: time });
export const newProjectSchema = z.object({ id: projectIdSchema, name: z.string().min(1).max(200) });
export const projectNameSchema = newProjectSchema.pick({ name: true });
export const memberSchema = z.object({ user: id, name: z.string(), role: z.enum(ROLE_NAMES) });
export const memberRoleSchema = memberSchema.pick({ role: true });

const outcome = z.enum(['success', 'minor failure', 'serious failure']);

export const auditQuerySchema = z
  .object({
    action: z.string().max(100),
    principal: z.string().max(200),
    outcome,
    entity: z.string().max(200),
    from: time,
    to: time,
    before: z.coerce.number().int().positive(),
    limit: z.coerce.number().int().min(1).max(1000),
  })
  .partial();

export const auditRecordSchema = z.object({
  sequence: z.int(),
  at: time,
  action: z.string(),
  outcome,
  principal: z.string(),
  from: z.string(),
  entities: z.array(z.object({ kind: z.string(), id: z.string() })).optional(),
  detail: z.string().optional(),
  hash: z.string(),
  previous: z.string(),
});

export const auditVerificationSchema = z.object({
  intact: z.boolean(),
  events: z.int(),
  broken: z.object({ sequence: z.int(), what: z.string() }).optional(),
});

const jwk = z.looseObject({ kty: z.string() });

/** An app of SMART App Launch 2: public with PKCE, or a backend service with keys of its own. */
export const newClientSchema = z.object({
  name: z.string().min(1).max(100),
  redirectUris: z.array(z.url()).max(10).default([]),
  scopes: z.array(z.string().max(100)).min(1).max(50),
  keys: z.array(jwk).max(10).default([]).describe('Public keys (JWK) of a backend service; none for an app of users.'),
  projects: z
    .union([z.literal('all'), z.array(projectIdSchema)])
    .default([])
    .describe('What a backend service may reach.'),
});

export const clientSchema = newClientSchema.extend({ id, createdAt: time });
