/** The tables of access; times are ISO strings in UTC, booleans 0 or 1, secrets only as hashes. */
export interface AccessTables {
  access_user: {
    id: string;
    name: string;
    /** Nothing for users of an OpenID provider. */
    password: string | null;
    must_change: number;
    disabled: number;
    /** `issuer subject` */
    open_id: string | null;
    created_at: string;
  };
  /** `*` as project: all of them. */
  access_grant: { user_id: string; project: string; role: string };
  access_project: { id: string; name: string; created_at: string };
  access_session: { hash: string; user_id: string; created_at: string; used_at: string };
  access_token: {
    id: string;
    hash: string;
    name: string;
    /** Of the user whose permissions it has a part of; nothing for a backend service. */
    user_id: string | null;
    client_id: string | null;
    /** JSON */
    permissions: string;
    /** JSON: `"all"` or ids. */
    projects: string;
    /** JSON of FhirScope[]; nothing for a token of the API. */
    scopes: string | null;
    created_at: string;
    expires_at: string;
  };
  access_client: {
    id: string;
    name: string;
    redirect_uris: string;
    scopes: string;
    keys: string;
    projects: string;
    created_at: string;
  };
}
