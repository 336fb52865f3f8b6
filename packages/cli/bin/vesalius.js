#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// The source is TypeScript: what it was stripped and compiled to is kept from one start to the next.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vesalius'));
await import('../src/main.ts');
