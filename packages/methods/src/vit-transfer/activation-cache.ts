/** Where activations are kept: a folder, a browser's storage. */
export interface ActivationStore {
  /** Undefined where nothing is kept, or not as much as `length` numbers. */
  read(key: string, length: number): Promise<Float32Array | undefined>;
  write(key: string, activations: Float32Array): Promise<void>;
}

export interface ActivationSource {
  /** Of the frozen part, by name; others do no harm but change the key. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly images: Float32Array;
  /** Everything else that decides the activations, as JSON can tell it: which part of which network, how images were prepared. */
  readonly preprocessing: unknown;
}

/** A name for the activations of these images under these weights: 64 hexadecimal digits, another one when anything changes. */
export async function activationKey({ weights, images, preprocessing }: ActivationSource): Promise<string> {
  const parts = [JSON.stringify(preprocessing), await digest(images)];
  for (const [name, values] of [...weights].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    parts.push(`${name} ${await digest(values)}`);
  return digest(new TextEncoder().encode(parts.join('\n')));
}

async function digest(values: Float32Array | Uint8Array): Promise<string> {
  const bytes = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is kept, or what is computed now and kept from now on. */
export async function cachedActivations(
  store: ActivationStore,
  source: ActivationSource & { readonly length: number },
  compute: () => Promise<Float32Array>,
): Promise<Float32Array> {
  const key = await activationKey(source);
  const kept = await store.read(key, source.length);
  if (kept) return kept;
  const made = await compute();
  await store.write(key, made);
  return made;
}
