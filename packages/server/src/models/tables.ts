/** The registry of models; times are ISO strings in UTC. */
export interface ModelTables {
  model: {
    id: string;
    project: string;
    name: string;
    added_at: string;
    /** Its id is never given again: objects of the archive name it. */
    removed_at: string | null;
    /** What the API says of it, JSON. */
    description: string;
    /** `ModelSource[]` as JSON, where it was trained here. */
    sources: string | null;
  };
}
