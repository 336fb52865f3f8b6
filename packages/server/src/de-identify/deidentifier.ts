import type { DeidentifyChoices } from '@vesalius/api';
import type { DeidentifyChange } from '@vesalius/dicom';

/** A file without what tells who the patient is. */
export interface CleanedFile {
  readonly bytes: Uint8Array;
  readonly changes: readonly DeidentifyChange[];
  /** What a person should look at before the file is given away. */
  readonly warnings: readonly string[];
}

/**
 * De-identifies by the secret of a project: in all of the project's imports and exports the same patient has the same pseudonym, the same
 * UID the same new one. The secret is made with its first use and never shown.
 */
export interface Deidentifier {
  /** @throws FILE_FORMAT and what reading throws */
  clean(file: Uint8Array, project: string, choices: DeidentifyChoices): Promise<CleanedFile>;
}
