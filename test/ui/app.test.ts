import { cleanup, render } from 'ink-testing-library';
import { createElement } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { App } from '../../src/ui/app.ts';
import { typicalComparison } from './comparison-fixture.ts';

afterEach(cleanup);

/** The app on a screen of 100×24 (what the library and Ink take without a terminal). */
function start(onInterrupt = () => {}) {
  const app = render(createElement(App, { comparison: typicalComparison(), onInterrupt }));
  const shows = (text: string | RegExp) =>
    vi.waitFor(() => expect(app.lastFrame()).toMatch(text), { interval: 5, timeout: 5000 });
  return { app, shows };
}

test('keys lead from the list into a finding, to the next one and back', async () => {
  const { app, shows } = start();
  await shows(/▸ ▲ high +result-to-error/);
  app.stdin.write('\r');
  await shows('1 of 5');
  await shows('error InternalError');
  app.stdin.write('n');
  await shows('2 of 5');
  app.stdin.write('\u001b[6~');
  app.stdin.write('\u001b');
  await shows(/▸ ▲ high +command-missing/);
});

test('keys that arrive in one read are taken one after the other', async () => {
  const { app, shows } = start();
  await shows('▸');
  app.stdin.write('jj\r');
  await shows(/field-changed .*BootNotification \/interval {2}3 of 5/);
});

test('Ctrl-C is handed on', async () => {
  const onInterrupt = vi.fn();
  const { app, shows } = start(onInterrupt);
  await shows('▸');
  app.stdin.write('\u0003');
  await vi.waitFor(() => expect(onInterrupt).toHaveBeenCalledOnce(), { interval: 5 });
});
