import { readFileSync } from 'node:fs';
import { projectIdSchema } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import { z } from 'zod';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';

const port = z.int().min(0).max(65_535);
const aeTitle = z.string().trim().min(1).max(16);
const certificate = { certificate: z.string(), key: z.string() };

/** What a settings file may say; every part may be left out. */
const SETTINGS = z
  .strictObject({
    dataFolder: z.string().min(1),
    host: z.string().min(1),
    httpPort: port,
    publicUrl: z.url({ protocol: /^https?$/ }),
    tls: z.strictObject(certificate),
    dimse: z
      .strictObject({
        port,
        aeTitle,
        project: projectIdSchema,
        callers: z.union([
          z.literal('any'),
          z.array(z.strictObject({ aeTitle, mayRead: z.boolean(), mayWrite: z.boolean() })),
        ]),
        peers: z.array(z.strictObject({ aeTitle, host: z.string().min(1), port: port.min(1) })),
        tls: z.strictObject({ ...certificate, authority: z.string().exactOptional() }),
      })
      .partial(),
    database: z.string().regex(/^(sqlite:|postgres(ql)?:\/\/)/),
    objects: z.strictObject({
      endpoint: z.url(),
      bucket: z.string(),
      region: z.string(),
      accessKey: z.string(),
      secretKey: z.string(),
    }),
    limits: z
      .strictObject({
        instanceBytes: z.int().min(1),
        requestBytes: z.int().min(1),
        matches: z.int().min(1),
        requestsPerMinute: z.int().min(1),
      })
      .partial(),
    sessionMinutes: z.number().positive(),
    program: z.strictObject({ command: z.string().min(1), args: z.array(z.string()) }),
    watchFolders: z.array(z.strictObject({ folder: z.string().min(1), project: projectIdSchema })),
    openId: z.strictObject({
      issuer: z.url(),
      clientId: z.string(),
      clientSecret: z.string().exactOptional(),
      rolesClaim: z.string(),
    }),
    monailabel: z
      .strictObject({
        root: z.string().regex(/^(\/[a-z0-9-]+)+$/, 'a path such as /monailabel'),
        auth: z.boolean(),
        port: port.exactOptional(),
        ohifFolder: z.string().min(1).exactOptional(),
      })
      .partial(),
    federation: z
      .strictObject({
        port: port.exactOptional(),
        host: z.string().min(1).exactOptional(),
        publicUrl: z.url({ protocol: /^https$/ }).exactOptional(),
        secret: z.string().min(16, 'at least 16 characters').exactOptional(),
        messageBytes: z.int().min(1 << 16),
      })
      .partial(),
    allowedOrigins: z.array(z.string()),
    allowedTargets: z.array(z.string()),
  })
  .partial();

type Nested = 'dimse' | 'limits' | 'monailabel' | 'federation';

/** Settings of which every part may be left out. */
export type PartialSettings = Partial<Omit<Settings, Nested>> & {
  readonly [Name in Nested]?: Partial<Settings[Name]>;
};

/** Environment variables, each with the setting it gives. Secrets belong here rather than on a command line. */
const SETTING_VARIABLES: Readonly<Record<string, readonly [path: string, type: 'text' | 'number' | 'json']>> = {
  VESALIUS_DATA_FOLDER: ['dataFolder', 'text'],
  VESALIUS_HOST: ['host', 'text'],
  VESALIUS_HTTP_PORT: ['httpPort', 'number'],
  VESALIUS_PUBLIC_URL: ['publicUrl', 'text'],
  VESALIUS_DIMSE_PORT: ['dimse.port', 'number'],
  VESALIUS_AE_TITLE: ['dimse.aeTitle', 'text'],
  VESALIUS_DATABASE: ['database', 'text'],
  VESALIUS_OBJECTS: ['objects', 'json'],
  VESALIUS_TLS: ['tls', 'json'],
  VESALIUS_OPENID: ['openId', 'json'],
  VESALIUS_MONAILABEL: ['monailabel', 'json'],
  VESALIUS_FEDERATION_PORT: ['federation.port', 'number'],
  VESALIUS_FEDERATION_SECRET: ['federation.secret', 'text'],
  VESALIUS_ALLOWED_ORIGINS: ['allowedOrigins', 'json'],
  VESALIUS_ALLOWED_TARGETS: ['allowedTargets', 'json'],
};

interface SettingsSources {
  /** A JSON file. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the command line says. */
  readonly given?: PartialSettings;
}

/**
 * The settings of a server: defaults, then a file, then the environment, then what was given.
 *
 * @throws FILE_NOT_FOUND, FILE_FORMAT, INVALID_ARGUMENT
 */
export function readSettings({ file, environment, given = {} }: SettingsSources): Settings {
  const sources: PartialSettings[] = [
    ...(file === undefined ? [] : [checked(jsonOf(file), file)]),
    checked(fromEnvironment(environment), 'environment'),
    checked(given, 'command line'),
  ];
  return sources.reduce<Settings>(merged, DEFAULT_SETTINGS);
}

function merged(settings: Settings, { dimse, limits, monailabel, federation, ...more }: PartialSettings): Settings {
  return {
    ...settings,
    ...more,
    dimse: { ...settings.dimse, ...dimse },
    limits: { ...settings.limits, ...limits },
    monailabel: { ...settings.monailabel, ...monailabel },
    federation: { ...settings.federation, ...federation },
  };
}

function checked(value: unknown, file: string): PartialSettings {
  const { success, data, error } = SETTINGS.safeParse(value);
  // JSON knows no undefined: what is named is there.
  if (success) return data as PartialSettings;
  const [issue] = error.issues;
  const what = `setting ${issue?.path.join('.') || 'file'}`;
  throw new VesaliusError('INVALID_ARGUMENT', { what, expected: issue?.message ?? 'a setting', file });
}

function jsonOf(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new VesaliusError('FILE_NOT_FOUND', { what: 'settings cannot be read', file, cause });
  }
  return parsedJson(text, file);
}

function parsedJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new VesaliusError('FILE_FORMAT', { what: 'settings are not JSON', file, cause });
  }
}

function fromEnvironment(environment: SettingsSources['environment']): object {
  const found: Record<string, unknown> = {};
  for (const [name, [path, type]] of Object.entries(SETTING_VARIABLES)) {
    const text = environment[name];
    if (text === undefined || text === '') continue;
    const value = type === 'text' ? text : type === 'number' ? Number(text) : parsedJson(text, name);
    const [outer = '', inner] = path.split('.');
    if (inner === undefined) found[outer] = value;
    else found[outer] = { ...(found[outer] as object), [inner]: value };
  }
  return found;
}
