import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { fileErrorOf } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';
import type { LabelClass } from '@vesalius/medical';

/** A `dataset.json`, taken apart with errors that name the field. */
export class Description {
  readonly #fields: Record<string, unknown>;
  readonly #file: string;

  constructor(fields: Record<string, unknown>, file: string) {
    this.#fields = fields;
    this.#file = file;
  }

  has(field: string): boolean {
    return field in this.#fields;
  }

  text(field: string, otherwise: string): string {
    const value = this.#fields[field];
    return typeof value === 'string' && value !== '' ? value : otherwise;
  }

  list(field: string): readonly unknown[] {
    const value = this.#fields[field];
    return Array.isArray(value) ? value : this.refuse(field, value, 'a list');
  }

  table(field: string): Record<string, unknown> {
    const value = this.#fields[field];
    return isTable(value) ? value : this.refuse(field, value, 'a table');
  }

  /** `{ "0": "T1", "1": "T2" }` in the order of its numbers. */
  channels(field: string): { name: string }[] {
    const numbered = Object.entries(this.table(field)).toSorted(([a], [b]) => Number(a) - Number(b));
    if (numbered.some(([key], i) => Number(key) !== i) || numbered.length === 0) {
      return this.refuse(
        field,
        numbered.map(([key]) => key),
        'the numbers from 0',
      );
    }
    return numbered.map(([, name]) => ({ name: String(name) }));
  }

  /** In ascending order; the background is there even when it is not declared. */
  classes(entries: readonly (readonly [unknown, unknown])[]): LabelClass[] {
    const found = new Map<number, string>([[0, 'background']]);
    for (const [value, name] of entries) {
      if (Array.isArray(value)) this.#unsupported('labels', 'regions of several values');
      if (name === 'ignore') this.#unsupported('labels', 'an ignore label');
      const number = Number(value);
      if (!Number.isInteger(number) || number < 0) this.refuse('labels', value, 'whole numbers from 0');
      found.set(number, String(name));
    }
    return [...found].map(([value, name]) => ({ value, name })).toSorted((a, b) => a.value - b.value);
  }

  refuse(field: string, got: unknown, expected: string): never {
    throw new VesaliusError('FILE_FORMAT', {
      what: `field ${field}`,
      got: JSON.stringify(got),
      expected,
      file: this.#file,
    });
  }

  #unsupported(field: string, got: string): never {
    const expected = 'one whole number a class';
    throw new VesaliusError('FILE_UNSUPPORTED', { what: `field ${field}`, got, expected, file: this.#file });
  }

  /** A file the description names; it must lie in the folder and exist. */
  async fileIn(root: string, field: string, name: unknown): Promise<string> {
    if (typeof name !== 'string') return this.refuse(field, name, 'a file name');
    const path = join(root, name);
    const inside = relative(root, path);
    if (isAbsolute(name) || inside.startsWith('..')) return this.refuse(field, name, 'a file inside the folder');
    try {
      await stat(path);
    } catch (error) {
      throw fileErrorOf(error, path);
    }
    return path;
  }
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
