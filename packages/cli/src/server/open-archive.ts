import { VesaliusError } from '@vesalius/errors';
import { createLog, folderHolder, type Job, openServer, type Settings } from '@vesalius/server';
import { type ArchiveAtWork, resultOf } from './archive-tasks.ts';
import { connectArchive } from './connect-archive.ts';

/**
 * Opens the data folder, or reaches the server that works on it.
 *
 * @throws WRITE_FAILED when a server works on it that cannot be reached
 */
export async function openArchive(settings: Settings, logLevel: string): Promise<ArchiveAtWork> {
  try {
    return await openFolder(settings, logLevel);
  } catch (error) {
    const url = folderHolder(settings.dataFolder)?.url;
    if (!(error instanceof VesaliusError && error.code === 'WRITE_FAILED') || url === undefined) throw error;
    return connectArchive(url, process.env['VESALIUS_TOKEN']);
  }
}

async function openFolder(settings: Settings, logLevel: string): Promise<ArchiveAtWork> {
  const { services, jobs, close } = await openServer(settings, createLog(logLevel));
  const { audit } = services;
  return {
    run: async (kind, input, { project, signal, onProgress }) => {
      await jobs.start();
      const { id } = await jobs.enqueue({ kind, input, project, principal: 'command line' });
      signal.addEventListener('abort', () => void jobs.cancel(id));
      let last: Job | undefined;
      for await (const job of jobs.follow(id, new AbortController().signal)) {
        onProgress(job);
        last = job;
      }
      return resultOf(last) as never;
    },
    verifyAudit: () => audit.verify(),
    close,
  };
}
