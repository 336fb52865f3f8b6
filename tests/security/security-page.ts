import { PERMISSIONS, type Permission, ROLE_NAMES, ROLES, SERVER_WIDE } from '@vesalius/api';
import { replaceSection } from '../../tools/generated-file.ts';
import { ATTEMPTS } from './attempts/all.ts';
import { KINDS } from './attempts/every-route.ts';

/** docs/security.md with its two tables made anew: what each role may do, what was tried. */
export function securityPage(page: string): string {
  return replaceSection(replaceSection(page, 'roles', rolesTable()), 'tried', triedTable());
}

function rolesTable(): string {
  const rows = PERMISSIONS.map((permission) => {
    const cells = ROLE_NAMES.map((role) => ((ROLES[role] as readonly Permission[]).includes(permission) ? 'yes' : ''));
    const wide = SERVER_WIDE.includes(permission) ? ' (for all projects only)' : '';
    return `| \`${permission}\`${wide} | ${cells.join(' | ')} |`;
  });
  return [`| permission | ${ROLE_NAMES.join(' | ')} |`, `|---|${'---|'.repeat(ROLE_NAMES.length)}`, ...rows].join('\n');
}

function triedTable(): string {
  const routes = KINDS.map(({ kind, expected }) => `| Every route of the running server | ${kind} | ${expected} |`);
  const rows = ATTEMPTS.map(
    ({ about, name, knownOpen }) =>
      `| ${about} | ${name} | ${knownOpen === undefined ? 'shut' : `**open**: ${knownOpen}`} |`,
  );
  return ['| about | tried | answer |', '|---|---|---|', ...routes, ...rows].join('\n');
}
