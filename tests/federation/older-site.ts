// Loaded before a program (`node --import`): a site that speaks the protocol one minor version back, without what came with it.
import { registerHooks } from 'node:module';

const MINOR = /(major: \d+, minor: )(\d+)/;

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    const changed = (change: (text: string) => string) => ({ ...loaded, source: change(String(loaded.source)) });
    if (url.endsWith('/federation/protocol-version.ts'))
      return changed((text) => text.replace(MINOR, (_, before: string, minor: string) => before + (Number(minor) - 1)));
    if (url.endsWith('/federation/site/site.ts'))
      return changed((text) => text.replace('acceptsChanges: true', 'acceptsChanges: false'));
    return loaded;
  },
});
