import { config } from 'zod';

// Zod tries whether it may compile code; the page's policy forbids it and would report each try. Before any schema is made.
config({ jitless: true });
