import type { VesaliusError } from '@vesalius/errors';
import { fileError } from '../binary/file-error.ts';
import { readZip, type ZipEntry } from '../binary/read-zip.ts';
import { PickleCallable, PickleObject, type PickleValue } from './pickle-value.ts';
import { inRowOrder, isRowOrder } from './strided.ts';
import { unpickle } from './unpickle.ts';
import {
  countOf,
  WEIGHT_ARRAYS,
  type WeightDType,
  type WeightMap,
  type WeightTensor,
  weightTensor,
} from './weight-tensor.ts';

const STORAGES: Readonly<Record<string, WeightDType>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

const MAX_DEPTH = 64;

class Storage extends PickleObject {
  readonly dtype: WeightDType;
  readonly bytes: Uint8Array;

  constructor(dtype: WeightDType, bytes: Uint8Array) {
    super();
    this.dtype = dtype;
    this.bytes = bytes;
  }
}

class Tensor extends PickleObject {
  readonly storage: Storage;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;

  constructor(storage: Storage, layout: { shape: readonly number[]; strides: readonly number[]; offset: number }) {
    super();
    this.storage = storage;
    this.shape = layout.shape;
    this.strides = layout.strides;
    this.offset = layout.offset;
  }
}

/**
 * Reads the tensors of a PyTorch file (`torch.save`, PyTorch 1.6 and later). Nested dictionaries and lists become
 * names with dots; what is not a tensor is left out. No code of the file runs: it may hold tensors in plain containers
 * and nothing else.
 *
 * @throws FILE_UNSUPPORTED for older files, whole modules and any other Python object, by its name; FILE_FORMAT and
 * FILE_TRUNCATED when damaged
 * @source PyTorch, serialization semantics (https://docs.pytorch.org/docs/stable/notes/serialization.html)
 * @parity torch.load(weights_only=True)
 */
export async function readPyTorch(bytes: Uint8Array, file?: string): Promise<WeightMap> {
  if (!(bytes[0] === 0x50 && bytes[1] === 0x4b)) {
    const details = { what: 'PyTorch file', got: 'no zip archive', expected: 'torch.save of PyTorch 1.6 or later' };
    throw fileError('FILE_UNSUPPORTED', details, file);
  }
  return new PyTorchReader(await archiveOf(bytes, file), file).tensors();
}

interface Archive {
  readonly pickle: Uint8Array;
  /** Storage bytes by key. */
  readonly storages: ReadonlyMap<string, Uint8Array>;
}

async function archiveOf(bytes: Uint8Array, file: string | undefined): Promise<Archive> {
  const entries = readZip(bytes, file);
  const pickle = entries.find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickle === undefined) throw fileError('FILE_FORMAT', { what: 'PyTorch file', got: 'no data.pkl' }, file);
  const folder = pickle.name.slice(0, -'data.pkl'.length);
  await checkByteOrder(
    entries.find(({ name }) => name === `${folder}byteorder`),
    file,
  );
  const storages = new Map<string, Uint8Array>();
  const prefix = `${folder}data/`;
  for (const entry of entries) {
    if (entry.name.startsWith(prefix)) storages.set(entry.name.slice(prefix.length), await entry.read());
  }
  return { pickle: await pickle.read(), storages };
}

async function checkByteOrder(entry: ZipEntry | undefined, file: string | undefined): Promise<void> {
  const order = entry === undefined ? 'little' : new TextDecoder().decode(await entry.read());
  if (order === 'little') return;
  throw fileError('FILE_UNSUPPORTED', { what: 'byte order of a PyTorch file', got: order, expected: 'little' }, file);
}

class PyTorchReader {
  readonly #archive: Archive;
  readonly #file: string | undefined;
  readonly #globals: ReadonlyMap<string, PickleCallable>;
  readonly #found = new Map<string, WeightTensor>();
  #visits = 0;

  constructor(archive: Archive, file: string | undefined) {
    this.#archive = archive;
    this.#file = file;
    const calls: Record<string, PickleCallable['call']> = {
      'collections.OrderedDict': () => new Map(),
      'torch.Size': ([sizes]) => sizes ?? [],
      'torch._utils._rebuild_parameter': ([data]) => data ?? null,
      'torch._utils._rebuild_tensor_v2': (args) => this.#tensor(args),
    };
    for (const name of Object.keys(STORAGES)) {
      calls[`torch.${name}`] = () => {
        throw this.#damaged('a call of a storage type');
      };
    }
    this.#globals = new Map(Object.entries(calls).map(([name, call]) => [name, new PickleCallable(name, call)]));
  }

  tensors(): WeightMap {
    const world = {
      global: (name: string) => this.#globals.get(name),
      persistent: (id: PickleValue) => this.#storage(id),
    };
    this.#collect('', unpickle(this.#archive.pickle, world, this.#file), 0);
    return this.#found;
  }

  #collect(name: string, value: PickleValue, depth: number): void {
    // A container that holds itself, or shares its parts again and again, would never end.
    if (depth > MAX_DEPTH || ++this.#visits > this.#archive.pickle.length)
      throw this.#damaged('containers without end');
    if (value instanceof Tensor) {
      if (this.#found.has(name)) throw this.#damaged(`two tensors called ${name}`);
      this.#found.set(name, this.#dense(name, value));
      return;
    }
    const items = value instanceof Map || Array.isArray(value) ? value.entries() : [];
    for (const [key, item] of items)
      this.#collect(name === '' ? String(key) : `${name}.${String(key)}`, item, depth + 1);
  }

  /** `('storage', type, key, location, count)` */
  #storage(id: PickleValue): Storage {
    if (!Array.isArray(id)) throw this.#damaged('a storage without its tuple');
    const [kind, type, key] = id as readonly PickleValue[];
    const dtype = type instanceof PickleCallable ? STORAGES[type.name.replace('torch.', '')] : undefined;
    const bytes = this.#archive.storages.get(String(key));
    if (kind !== 'storage' || dtype === undefined || bytes === undefined) throw this.#damaged(`storage ${String(key)}`);
    return new Storage(dtype, bytes);
  }

  /** `(storage, offset, size, stride, requires_grad, hooks)` */
  #tensor([storage, offset, shape, strides]: readonly PickleValue[]): Tensor {
    if (!(storage instanceof Storage)) throw this.#damaged('a tensor without storage');
    if (!isSizes([offset]) || !isSizes(shape) || !isSizes(strides) || shape.length !== strides.length) {
      throw this.#damaged('a tensor without size and stride');
    }
    return new Tensor(storage, { shape, strides, offset: offset as number });
  }

  #dense(name: string, { storage, shape, strides, offset }: Tensor): WeightTensor {
    const { dtype, bytes } = storage;
    const size = WEIGHT_ARRAYS[dtype].BYTES_PER_ELEMENT;
    const count = countOf(shape);
    const last = shape.reduce((at, side, axis) => at + (side - 1) * (strides[axis] as number), offset);
    if (count > 0 && (last + 1) * size > bytes.length) throw this.#damaged(`tensor ${name} beyond its storage`);
    if (count * size > bytes.length) {
      const details = { what: `tensor ${name}`, got: 'an expanded view', expected: 'values of its own' };
      throw fileError('FILE_UNSUPPORTED', details, this.#file);
    }
    if (count === 0 || isRowOrder(shape, strides)) {
      const start = count === 0 ? 0 : offset * size;
      return weightTensor({ name, dtype, shape }, bytes.subarray(start, start + count * size), this.#file);
    }
    const flat = weightTensor(
      { name, dtype, shape: [Math.floor(bytes.length / size)] },
      whole(bytes, size),
      this.#file,
    );
    return { dtype, shape, data: inRowOrder(flat.data, shape, { strides, offset }) };
  }

  #damaged(got: string): VesaliusError {
    return fileError('FILE_FORMAT', { what: 'PyTorch file', got }, this.#file);
  }
}

function whole(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.subarray(0, bytes.length - (bytes.length % size));
}

function isSizes(value: PickleValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
