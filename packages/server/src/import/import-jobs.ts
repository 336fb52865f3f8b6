import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DeidentifyChoices } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import type { JobContext } from '../jobs/job-queue.ts';
import type { Services } from '../services.ts';
import type { Source } from '../store/archive.ts';
import { isVolumeFile } from '../store/instances-of-volume.ts';
import { type DicomwebPull, pullDicomweb, type ReadParts } from './dicomweb-pull.ts';
import { type DimsePull, pullDimse } from './dimse-pull.ts';
import { fileCandidate, filesBelow } from './folder-candidates.ts';
import { type Candidate, type ImportReport, importCandidates } from './import-candidates.ts';
import { volumeCandidates } from './volume-candidates.ts';
import { openZipFile, openZipObject, zipCandidates } from './zip-candidates.ts';

/** What the jobs of the kind `import` are given. */
export type ImportInput = { readonly deidentify?: DeidentifyChoices } & ImportSource;

type ImportSource =
  | { readonly kind: 'folder'; readonly path: string }
  /** A zip in the object store; removed when it has been read. */
  | { readonly kind: 'zip'; readonly key: string }
  | ({ readonly kind: 'dicomweb' } & DicomwebPull)
  | ({ readonly kind: 'dimse' } & DimsePull);

/**
 * Registers how imports are done; each ends with its report.
 *
 * @param readParts - of DICOMweb, which knows multipart bodies
 */
export function registerImports(services: Services, readParts: ReadParts): void {
  const { jobs, objects, audit, projects } = services;
  const run = async (context: JobContext<ImportInput>) => {
    if (!(await projects.has(context.project)))
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: 'project',
        got: context.project,
        expected: 'one that is there',
      });
    const report = await importOf(context, services, readParts);
    const { found, stored, present, notDicom, refused } = report;
    await audit.record({
      action: 'imported',
      outcome: refused === 0 ? 'success' : 'minor failure',
      principal: context.principal,
      from: context.input.kind,
      entities: [{ kind: 'job', id: context.id }],
      detail: JSON.stringify({ found, stored, present, notDicom, refused }),
    });
    return report;
  };
  const ended = async (input: ImportInput) => {
    if (input.kind === 'zip') await objects.remove(input.key);
  };
  jobs.register<ImportInput>('import', run, { ended });
}

async function importOf(
  context: JobContext<ImportInput>,
  services: Services,
  readParts: ReadParts,
): Promise<ImportReport> {
  const { input, project, signal } = context;
  const { archive, settings, objects, deidentifier } = services;
  const { deidentify: choices } = input;
  const clean = choices && ((file: Uint8Array) => deidentifier.clean(file, project, choices));
  const target = (source: Source, total?: number) => ({
    ...{ archive, project, source, signal },
    ...(clean && { clean }),
    onProgress: (report: ImportReport) => {
      const { found, stored, refused } = report;
      context.progress(total ? found / total : 0, `${found} files, ${stored} stored, ${refused} refused`);
    },
  });
  switch (input.kind) {
    case 'folder': {
      const files = await filesBelow(input.path);
      const from = { kind: 'import', from: 'folder' } as const;
      if (files.length === 1 && files[0] === input.path && /\.zip$/i.test(input.path))
        return importCandidates(zipCandidates(await openZipFile(input.path), settings.limits), target(from));
      return importCandidates(eachOf(files, input.path), target(from, files.length));
    }
    case 'zip': {
      const candidates = zipCandidates(await openZipObject(objects, input.key), settings.limits);
      return importCandidates(candidates, target({ kind: 'import', from: 'zip' }));
    }
    case 'dicomweb':
      return pullDicomweb(input, {
        readParts,
        settings,
        target: target({ kind: 'pull', from: new URL(input.url).host }),
      });
    case 'dimse':
      return pullDimse(input, { settings, target: target({ kind: 'pull', from: input.aeTitle }) });
    default:
      throw new VesaliusError('INVALID_ARGUMENT', { what: 'kind of import' });
  }
}

async function* eachOf(files: readonly string[], folder: string): AsyncGenerator<Candidate> {
  for (const file of files) {
    if (isVolumeFile(file)) yield* volumeCandidates(basename(file), () => readFile(file));
    else yield fileCandidate(file, folder);
  }
}
