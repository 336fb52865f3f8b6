import { z } from 'zod';
import type { Permission } from './roles.ts';
import * as schemas from './schemas.ts';

/** A route of the API: who may use it, what it takes and what it gives. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Parameters as `:name`. */
  readonly path: string;
  readonly access: 'public' | 'signed in' | Permission;
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
}

const nothing = z.void();

/** Every route of accounts, projects and audit; server and client are made from this table. */
export const ROUTES = {
  signIn: {
    method: 'POST',
    path: '/api/sign-in',
    access: 'public',
    summary: 'Opens a session: its cookie goes to the browser.',
    body: schemas.signInSchema,
    answer: schemas.meSchema,
  },
  signOut: {
    method: 'POST',
    path: '/api/sign-out',
    access: 'signed in',
    summary: 'Ends the session.',
    answer: nothing,
  },
  me: {
    method: 'GET',
    path: '/api/me',
    access: 'signed in',
    summary: 'Who asks, and what may be done.',
    answer: schemas.meSchema,
  },
  changePassword: {
    method: 'PUT',
    path: '/api/me/password',
    access: 'signed in',
    summary: 'Changes the own password; all other sessions end.',
    body: schemas.passwordChangeSchema,
    answer: nothing,
  },
  listTokens: {
    method: 'GET',
    path: '/api/tokens',
    access: 'signed in',
    summary: 'The own API tokens, without their secrets.',
    answer: z.array(schemas.tokenSchema),
  },
  createToken: {
    method: 'POST',
    path: '/api/tokens',
    access: 'signed in',
    summary: 'Makes an API token that may do at most what its owner may; only a session makes one.',
    body: schemas.newTokenSchema,
    answer: schemas.shownTokenSchema,
  },
  revokeToken: {
    method: 'DELETE',
    path: '/api/tokens/:token',
    access: 'signed in',
    summary: 'Revokes an own token.',
    answer: nothing,
  },
  listUsers: {
    method: 'GET',
    path: '/api/users',
    access: 'users.manage',
    summary: 'Every user.',
    answer: z.array(schemas.userSchema),
  },
  createUser: {
    method: 'POST',
    path: '/api/users',
    access: 'users.manage',
    summary: 'Adds a user with a one-time password.',
    body: schemas.newUserSchema,
    answer: schemas.oneTimePasswordSchema,
  },
  changeUser: {
    method: 'PATCH',
    path: '/api/users/:user',
    access: 'users.manage',
    summary: 'Changes roles, or disables a user; sessions and tokens follow at once.',
    body: schemas.userChangeSchema,
    answer: schemas.userSchema,
  },
  resetPassword: {
    method: 'POST',
    path: '/api/users/:user/password',
    access: 'users.manage',
    summary: 'Gives a new one-time password; the sessions of the user end.',
    answer: schemas.oneTimePasswordSchema,
  },
  removeUser: {
    method: 'DELETE',
    path: '/api/users/:user',
    access: 'users.manage',
    summary: 'Removes a user with sessions and tokens; the audit log keeps what was done.',
    answer: nothing,
  },
  listProjects: {
    method: 'GET',
    path: '/api/projects',
    access: 'signed in',
    summary: 'The projects whose studies may be read.',
    answer: z.array(schemas.projectSchema),
  },
  createProject: {
    method: 'POST',
    path: '/api/projects',
    access: 'projects.manage',
    summary: 'Adds a project; needs the permission for all projects.',
    body: schemas.newProjectSchema,
    answer: schemas.projectSchema,
  },
  renameProject: {
    method: 'PATCH',
    path: '/api/projects/:project',
    access: 'projects.manage',
    summary: 'Changes the name; the id stays.',
    body: schemas.projectNameSchema,
    answer: schemas.projectSchema,
  },
  listMembers: {
    method: 'GET',
    path: '/api/projects/:project/members',
    access: 'projects.manage',
    summary: 'Who holds a role in the project itself.',
    answer: z.array(schemas.memberSchema),
  },
  setMember: {
    method: 'PUT',
    path: '/api/projects/:project/members/:user',
    access: 'projects.manage',
    summary: 'Gives a user a role in the project.',
    body: schemas.memberRoleSchema,
    answer: schemas.memberSchema,
  },
  removeMember: {
    method: 'DELETE',
    path: '/api/projects/:project/members/:user',
    access: 'projects.manage',
    summary: 'Takes the role in the project away.',
    answer: nothing,
  },
  findAudit: {
    method: 'GET',
    path: '/api/audit',
    access: 'audit.read',
    summary: 'Events of the audit log, newest first.',
    query: schemas.auditQuerySchema,
    answer: z.array(schemas.auditRecordSchema),
  },
  verifyAudit: {
    method: 'GET',
    path: '/api/audit/verification',
    access: 'audit.read',
    summary: 'Computes the chain of hashes again.',
    answer: schemas.auditVerificationSchema,
  },
  listClients: {
    method: 'GET',
    path: '/api/clients',
    access: 'server.manage',
    summary: 'The registered SMART apps.',
    answer: z.array(schemas.clientSchema),
  },
  createClient: {
    method: 'POST',
    path: '/api/clients',
    access: 'server.manage',
    summary: 'Registers a SMART app.',
    body: schemas.newClientSchema,
    answer: schemas.clientSchema,
  },
  removeClient: {
    method: 'DELETE',
    path: '/api/clients/:client',
    access: 'server.manage',
    summary: 'Removes a SMART app and its tokens.',
    answer: nothing,
  },
} as const satisfies Record<string, ApiRoute>;

export type RouteName = keyof typeof ROUTES;

type Part<Name extends RouteName, Key extends string> = (typeof ROUTES)[Name] extends {
  readonly [K in Key]: infer Schema;
}
  ? Schema
  : undefined;

/** What a handler is given as body, after its defaults were put in. */
export type RouteBody<Name extends RouteName> =
  Part<Name, 'body'> extends z.ZodType ? z.output<Part<Name, 'body'>> : undefined;
export type RouteQuery<Name extends RouteName> =
  Part<Name, 'query'> extends z.ZodType ? z.output<Part<Name, 'query'>> : undefined;
/** What a client sends. */
export type RouteInput<Name extends RouteName> =
  Part<Name, 'body'> extends z.ZodType ? z.input<Part<Name, 'body'>> : undefined;
export type RouteAnswer<Name extends RouteName> = z.output<(typeof ROUTES)[Name]['answer']>;
