// Shows a fixture on the terminal it is started in; the tests press the keys. CRASH makes it fail while it shows.
import { showFindings } from '../../src/ui/findings.ts';
import { typicalComparison } from './comparison-fixture.ts';

if (process.env.CRASH) {
  process.on('SIGUSR2', () => {
    throw new Error('planted crash');
  });
}
process.stdout.write('before the screen\n');
await showFindings(typicalComparison());
process.stdout.write('after the screen\n');
