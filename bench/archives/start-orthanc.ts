import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { findProgram } from '../../tools/find-program.ts';
import type { ArchiveProgram } from './archive-side.ts';
import { ask } from './http-client.ts';
import { endServer, freePort, spawnServer } from './spawn-server.ts';

const PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
const AE_TITLE = 'ORTHANC';
const [USER, PASSWORD] = ['bench', 'bench'];

/**
 * Debian's Orthanc with its DICOMweb plugin: SQLite as it is set up by itself, every file synced, users that sign in, as on our side.
 *
 * @throws DEPENDENCY_MISSING
 */
export function orthanc(folder: string, { sync = true }: { readonly sync?: boolean } = {}): ArchiveProgram {
  const program = findProgram(['Orthanc']) ?? (existsSync('/usr/sbin/Orthanc') ? '/usr/sbin/Orthanc' : undefined);
  if (!program || !existsSync(PLUGIN))
    throw new VesaliusError('DEPENDENCY_MISSING', {
      what: 'Orthanc with DICOMweb',
      expected: 'apt-get install orthanc orthanc-dicomweb',
    });
  mkdirSync(folder, { recursive: true });
  return {
    name: 'Orthanc',
    start: async () => {
      const [httpPort, dimsePort] = [await freePort(), await freePort()];
      const config = join(folder, 'orthanc.json');
      writeFileSync(config, JSON.stringify(settings({ folder, httpPort, dimsePort, sync })));
      const dicomWeb = `http://127.0.0.1:${httpPort}/dicom-web`;
      const headers = { authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}` };
      const { child, startMs } = await spawnServer({
        program,
        args: [config],
        // Without it dcmtk's own answers wait for Nagle and our late acknowledgement: 40 ms each.
        environment: { TCP_NODELAY: '1' },
        answers: async () => (await ask(`${dicomWeb}/studies?limit=1`, { headers })).status < 300,
      });
      child.stdout?.resume();
      if (child.pid === undefined) await once(child, 'spawn');
      const pid = child.pid ?? 0;
      return {
        name: 'Orthanc',
        dicomWeb,
        headers,
        dimsePort,
        aeTitle: AE_TITLE,
        pid,
        startMs,
        close: () => endServer(child),
      };
    },
  };
}

function settings(options: {
  readonly folder: string;
  readonly httpPort: number;
  readonly dimsePort: number;
  readonly sync: boolean;
}) {
  return {
    Name: 'bench',
    StorageDirectory: join(options.folder, 'storage'),
    IndexDirectory: join(options.folder, 'storage'),
    Plugins: [PLUGIN],
    HttpPort: options.httpPort,
    DicomPort: options.dimsePort,
    DicomAet: AE_TITLE,
    SyncStorageArea: options.sync,
    AuthenticationEnabled: true,
    RegisteredUsers: { [USER]: PASSWORD },
    RemoteAccessAllowed: false,
    KeepAlive: true,
    TcpNoDelay: true,
    DicomWeb: { Enable: true, Root: '/dicom-web/' },
  };
}
