import { ROLE_NAMES, type Role, type RouteAnswer } from '@vesalius/api';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './admin.module.css';

type User = RouteAnswer<'listUsers'>[number];
type Project = RouteAnswer<'listProjects'>[number];
type Grant = User['grants'][number];

/** Who may use this server, with which role in which project; the projects themselves. */
export function UsersPage() {
  const { admin: t } = useTexts();
  const { can } = useSession();
  const [users, setUsers] = useState<readonly User[]>();
  const [projects, setProjects] = useState<readonly Project[]>([]);
  const [made, setMade] = useState<{ readonly name: string; readonly password: string }>();
  const [problem, setProblem] = useState('');
  const reload = useCallback(async () => {
    setProjects(await api.call('listProjects'));
    setUsers(await api.call('listUsers'));
  }, []);
  const act = useCallback(
    (step: () => Promise<unknown>) => {
      setProblem('');
      step()
        .then(reload)
        .catch((error: unknown) => setProblem(wordsOf(error)));
    },
    [reload],
  );
  useEffect(() => act(async () => undefined), [act]);
  const once = ({ user, oneTimePassword }: RouteAnswer<'createUser'>) =>
    setMade({ name: user.name, password: oneTimePassword });
  const addUser = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const body = { name: String(fields.get('name')), grants: [grantOf(fields)] };
    act(async () => once(await api.call('createUser', { body })));
  };
  const addProject = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const body = { id: String(fields.get('id')), name: String(fields.get('name')) };
    act(() => api.call('createProject', { body }));
  };
  return (
    <main className={styles['page']}>
      <h1>{t.users}</h1>
      {made && (
        <p role="status" className={styles['once']}>
          {t.firstPassword(made.name)} <code>{made.password}</code>
        </p>
      )}
      {problem !== '' && <p role="alert">{problem}</p>}
      {users && <UserTable {...{ users, projects, act, once }} />}
      <form className={styles['form']} onSubmit={addUser} aria-label={t.newUser}>
        <h2>{t.newUser}</h2>
        <label>
          {t.name}
          <input name="name" required pattern="[\w.@+\-]{1,100}" />
        </label>
        <GrantFields projects={projects} />
        <button type="submit">{t.add}</button>
      </form>
      {can('projects.manage') && (
        <form className={styles['form']} onSubmit={addProject} aria-label={t.newProject}>
          <h2>{t.newProject}</h2>
          <label>
            {t.shortName}
            <input name="id" required pattern="[a-z0-9][a-z0-9\-]{0,62}" />
          </label>
          <label>
            {t.name}
            <input name="name" required maxLength={200} />
          </label>
          <button type="submit">{t.add}</button>
        </form>
      )}
    </main>
  );
}

interface UserTableProps {
  readonly users: readonly User[];
  readonly projects: readonly Project[];
  readonly act: (step: () => Promise<unknown>) => void;
  readonly once: (made: RouteAnswer<'createUser'>) => void;
}

function UserTable({ users, projects, act, once }: UserTableProps) {
  const { admin: t } = useTexts();
  const { me } = useSession();
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          <th>{t.name}</th>
          <th>{t.roles}</th>
          <th>{t.state}</th>
          <th aria-label={t.change} />
        </tr>
      </thead>
      <tbody>
        {users.map((user) => {
          const change = (body: { grants?: Grant[]; disabled?: boolean }) =>
            act(() => api.call('changeUser', { params: { user: user.id }, body }));
          return (
            <tr key={user.id}>
              <td>{user.name}</td>
              <td>
                <Grants {...{ user, projects }} change={(grants) => change({ grants })} />
              </td>
              <td>{user.disabled ? t.disabled : user.mustChangePassword ? t.notYetIn : t.active}</td>
              <td>
                {user.id !== me.id && (
                  <>
                    <button type="button" onClick={() => change({ disabled: !user.disabled })}>
                      {user.disabled ? t.enable : t.disable}
                    </button>{' '}
                    <button
                      type="button"
                      onClick={() =>
                        act(async () => once(await api.call('resetPassword', { params: { user: user.id } })))
                      }
                    >
                      {t.resetPassword}
                    </button>
                  </>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface GrantsProps {
  readonly user: User;
  readonly projects: readonly Project[];
  readonly change: (grants: Grant[]) => void;
}

function Grants({ user: { id, name, grants, openId }, projects, change }: GrantsProps) {
  const { admin: t } = useTexts();
  const { me } = useSession();
  const nameOf = (project: string) =>
    project === '*' ? t.everywhere : (projects.find((one) => one.id === project)?.name ?? project);
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const grant = grantOf(new FormData(event.currentTarget));
    change([...grants.filter(({ project }) => project !== grant.project), grant]);
  };
  if (openId) return t.byProvider;
  return (
    <>
      <ul className={styles['grants']}>
        {grants.map(({ project, role }) => (
          <li key={project}>
            {t.roleIn[role]}: {nameOf(project)}{' '}
            {id !== me.id && (
              <button
                type="button"
                aria-label={t.takeRole(name, nameOf(project))}
                onClick={() => change(grants.filter((one) => one.project !== project))}
              >
                ×
              </button>
            )}
          </li>
        ))}
      </ul>
      <details>
        <summary>{t.giveRole}</summary>
        <form onSubmit={add} aria-label={t.giveRole} className={styles['inline']}>
          <GrantFields projects={projects} />
          <button type="submit">{t.give}</button>
        </form>
      </details>
    </>
  );
}

function GrantFields({ projects }: { readonly projects: readonly Project[] }) {
  const { admin: t } = useTexts();
  return (
    <>
      <label>
        {t.role}
        <select name="role" defaultValue="annotator">
          {ROLE_NAMES.map((role) => (
            <option key={role} value={role}>
              {t.roleIn[role]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t.project}
        <select key={projects.length} name="project" defaultValue={projects[0]?.id}>
          {projects.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
          <option value="*">{t.everywhere}</option>
        </select>
      </label>
    </>
  );
}

function grantOf(fields: FormData): Grant {
  return { project: String(fields.get('project')), role: String(fields.get('role')) as Role };
}
