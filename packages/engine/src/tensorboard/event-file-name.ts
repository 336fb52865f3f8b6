/** What the name of an event file is made of. */
export interface EventFileOrigin {
  /** Since 1970, in seconds. */
  readonly wallTimeSeconds: number;
  readonly host: string;
  /** Process number, 0 where there is none. */
  readonly pid: number;
}

/**
 * A name for a new event file. A resumed run writes a new file beside the old ones instead of appending behind a
 * record that a kill may have cut; TensorBoard reads the files of a folder in the order of their names, so the new one
 * always sorts last.
 *
 * @param existing - names in the run's folder
 */
export function eventFileName(
  { wallTimeSeconds, host, pid }: EventFileOrigin,
  existing: readonly string[] = [],
): string {
  const times = existing.map((name) => Number(/^events\.out\.tfevents\.(\d{10})\./.exec(name)?.[1] ?? -1));
  const seconds = Math.max(Math.floor(wallTimeSeconds), ...times.map((time) => time + 1));
  const suffix = times.filter((time) => time >= 0).length;
  return `events.out.tfevents.${String(seconds).padStart(10, '0')}.${host.replaceAll(/[^\w.-]/g, '-')}.${pid}.${suffix}`;
}
