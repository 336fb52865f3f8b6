/** Which projects there are: nothing is put into one that is none, whatever the permission. */
export interface KnownProjects {
  has(id: string): Promise<boolean>;
}
