// Makes the vendor sessions of fixtures/sessions and their page anew from the profiles: node test/support/make-sessions.ts
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vendorSessions } from './vendor-sessions.ts';
import { vendorPage } from './vendor-table.ts';

const folder = join(import.meta.dirname, '../../fixtures/sessions');
for (const { file, text } of vendorSessions()) writeFileSync(join(folder, file), text);
writeFileSync(join(folder, 'README.md'), vendorPage());
