import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm start` listens; `vite` asks it for everything but the page. */
const SERVER = process.env['VESALIUS_URL'] ?? 'http://127.0.0.1:8080';
const ASKED = ['/api', '/dicom-web', '/projects', '/fhir', '/oauth', '/health', '/ready'];

// biome-ignore lint/style/noDefaultExport: what Vite reads.
export default defineConfig({
  plugins: [react()],
  worker: { format: 'es' },
  build: { target: 'es2023', sourcemap: false, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 6000 },
  // vtk.js takes Node's events for granted.
  resolve: { alias: { events: 'events/events.js' } },
  server: { proxy: Object.fromEntries(ASKED.map((path) => [path, SERVER])) },
});
