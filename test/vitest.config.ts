import { defineConfig } from 'vitest/config';
import { CountReporter } from './support/count-reporter.ts';

// Unit tests mirror src; test/integration runs the real binary, so it is given more time and fewer workers.
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Of a file whose tests say so themselves: they wait for chargers rather than for the processor.
    maxConcurrency: 8,
    reporters: ['default', new CountReporter()],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html'],
      reportsDirectory: 'coverage',
    },
  },
});
