import { type RunClient, runScript } from './outside-client.ts';

/** PyPI dicomweb-client. */
export const run: RunClient = ({ url, token }) => runScript('dicomweb.py', [url, token]);
