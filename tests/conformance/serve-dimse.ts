// A test archive for a peer of another language: `serve-dimse.ts TARGET_PORT` prints its port and ends with its input.
import { serveArchive } from './dimse-archive.ts';

const target = { host: '127.0.0.1', port: Number(process.argv[2]), aeTitle: 'TARGET' };
const archive = await serveArchive({ targets: [target] });
process.stdout.write(`${archive.port}\n`);
process.stdin.on('end', () => void archive.close()).resume();
