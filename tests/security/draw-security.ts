// Writes the tables of docs/security.md; --check only says whether they are stale.
import { keepGenerated } from '../../tools/generated-file.ts';
import { securityPage } from './security-page.ts';

keepGenerated('docs/security.md', securityPage);
