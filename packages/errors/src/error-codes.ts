/**
 * Every code an error of this project can carry, with the exit status the command line ends with.
 * docs/errors.md is generated from this table.
 */
export const ERROR_CODES = {
  INVALID_ARGUMENT: { exitStatus: 2, meaning: 'An option or argument has a value that cannot be used.' },
  UNKNOWN_OPTION: { exitStatus: 2, meaning: 'An option, command or name is not known.' },
  FILE_NOT_FOUND: { exitStatus: 3, meaning: 'A file or folder that was named does not exist.' },
  FILE_UNREADABLE: { exitStatus: 3, meaning: 'A file exists but cannot be opened or read.' },
  FILE_TRUNCATED: { exitStatus: 3, meaning: 'A file ends before the bytes its header promises.' },
  FILE_FORMAT: { exitStatus: 3, meaning: 'A file is not of the format it claims, or breaks its rules.' },
  FILE_UNSUPPORTED: { exitStatus: 3, meaning: 'A file is valid but uses a feature that is not supported.' },
  LIMIT_EXCEEDED: { exitStatus: 3, meaning: 'A file asks for more nesting, elements or memory than is granted.' },
  EMPTY_FOLDER: { exitStatus: 3, meaning: 'A folder holds nothing that could be used.' },
  DISK_FULL: { exitStatus: 4, meaning: 'The disk has no room; what was half written has been removed.' },
  WRITE_FAILED: { exitStatus: 4, meaning: 'A file could not be written.' },
  OUT_OF_MEMORY: { exitStatus: 4, meaning: 'The work needs more memory than there is.' },
  DATA_MISMATCH: { exitStatus: 5, meaning: 'Images, labels or cases of a data set do not belong together.' },
  GEOMETRY_MISMATCH: { exitStatus: 5, meaning: 'Two volumes do not share size, spacing, orientation or place.' },
  LABEL_OUT_OF_RANGE: { exitStatus: 5, meaning: 'A label value is not among the classes declared.' },
  VALUE_INVALID: { exitStatus: 5, meaning: 'A value cannot be stored as what it is meant to be.' },
  NOT_FINITE: { exitStatus: 5, meaning: 'A value is NaN or infinite where a number is needed.' },
  SHAPE_MISMATCH: { exitStatus: 6, meaning: 'A tensor has a shape the operation cannot take.' },
  DTYPE_MISMATCH: { exitStatus: 6, meaning: 'A tensor has an element type the operation cannot take.' },
  NO_GRADIENT: { exitStatus: 6, meaning: 'A gradient was asked for through an operation that has none.' },
  BACKEND_MISSING: { exitStatus: 7, meaning: 'The runtime asked for is not part of this installation.' },
  RUNTIME_FAILED: { exitStatus: 7, meaning: 'The runtime refused a graph or failed while running it.' },
  CHECKPOINT_MISMATCH: { exitStatus: 8, meaning: 'A checkpoint belongs to another recipe, network or data set.' },
  HASH_MISMATCH: { exitStatus: 8, meaning: 'A file is not the one that was recorded: its hash differs.' },
  SIGNATURE_INVALID: { exitStatus: 8, meaning: 'A signature does not fit the bundle or its key.' },
  GATE_FAILED: { exitStatus: 9, meaning: 'A model was measured below the interval its recipe demands.' },
  DEPENDENCY_MISSING: { exitStatus: 10, meaning: 'A program or library that this step needs is not installed.' },
  PEER_UNREACHABLE: { exitStatus: 11, meaning: 'A connection to another machine could not be opened.' },
  PEER_TIMEOUT: { exitStatus: 11, meaning: 'Another machine did not answer within the time allowed.' },
  PEER_PROTOCOL: { exitStatus: 11, meaning: 'Another machine broke the rules of the protocol it speaks.' },
  PEER_REFUSED: { exitStatus: 11, meaning: 'Another machine answered a request with a failure.' },
  ASSOCIATION_REJECTED: { exitStatus: 11, meaning: 'A DICOM peer refused the association.' },
  ASSOCIATION_ENDED: { exitStatus: 11, meaning: 'A DICOM association is over: aborted, lost or released.' },
  CONTEXT_NOT_ACCEPTED: {
    exitStatus: 11,
    meaning: 'A DICOM peer did not agree to the service or the transfer syntax needed.',
  },
  INTERRUPTED: { exitStatus: 130, meaning: 'The work was stopped; what was done is saved and can be resumed.' },
} as const satisfies Record<string, { exitStatus: number; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
