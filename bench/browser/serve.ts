// `npm run bench:browser`: serves the page that trains in the tab, on this machine alone, until it is stopped.
import { serveSite } from './serve-site.ts';

const { url, close } = await serveSite(import.meta.dirname, { port: Number(process.env.PORT ?? 0) });
console.log(`training in the browser: ${url}`);
process.once('SIGINT', async () => {
  await close();
  process.exit();
});
