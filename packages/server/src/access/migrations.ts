import type { Migration } from '../store/database.ts';

export const accessMigrations: readonly Migration[] = [
  {
    name: 'access-001-users',
    up: async (database) => {
      await database.schema
        .createTable('access_user')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .addColumn('password', 'text')
        .addColumn('must_change', 'integer', (column) => column.notNull())
        .addColumn('disabled', 'integer', (column) => column.notNull())
        .addColumn('open_id', 'text', (column) => column.unique())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .execute();
      await database.schema
        .createTable('access_grant')
        .addColumn('user_id', 'text', (column) => column.notNull().references('access_user.id').onDelete('cascade'))
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('role', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('access_grant_key', ['user_id', 'project'])
        .execute();
      await database.schema
        .createTable('access_project')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .execute();
      const created_at = new Date().toISOString();
      await database.insertInto('access_project').values({ id: 'default', name: 'Default', created_at }).execute();
    },
  },
  {
    name: 'access-002-sessions-tokens',
    up: async (database) => {
      await database.schema
        .createTable('access_session')
        .addColumn('hash', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('access_user.id').onDelete('cascade'))
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addColumn('used_at', 'text', (column) => column.notNull())
        .execute();
      await database.schema
        .createTable('access_client')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('redirect_uris', 'text', (column) => column.notNull())
        .addColumn('scopes', 'text', (column) => column.notNull())
        .addColumn('keys', 'text', (column) => column.notNull())
        .addColumn('projects', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .execute();
      await database.schema
        .createTable('access_token')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.references('access_user.id').onDelete('cascade'))
        .addColumn('client_id', 'text', (column) => column.references('access_client.id').onDelete('cascade'))
        .addColumn('permissions', 'text', (column) => column.notNull())
        .addColumn('projects', 'text', (column) => column.notNull())
        .addColumn('scopes', 'text')
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'text', (column) => column.notNull())
        .execute();
    },
  },
];
