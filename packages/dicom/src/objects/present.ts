type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The properties that are there: what is missing in a file is missing in what is read from it. */
export function present<T extends object>(properties: T): Present<T> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as Present<T>;
}
