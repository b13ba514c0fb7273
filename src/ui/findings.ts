import './env.ts';
import { constants } from 'node:os';
import { render } from 'ink';
import { createElement } from 'react';
import type { Comparison } from '../diff/finding.ts';
import { App } from './app.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Shows the findings of a comparison on the terminal until the reader quits. Needs a terminal on stdin and stdout, and
 * gives it back as it was, after a crash too. On a signal (Ctrl-C is one) it resolves when the caller listens for that
 * signal, else the process ends with 128 + the signal's number.
 */
export async function showFindings(comparison: Comparison): Promise<void> {
  // Counted first: Ink and what it stands on listen for signals themselves.
  const heard = new Set<string>(SIGNALS.filter((signal) => process.listenerCount(signal) > 0));
  const onInterrupt = () => process.kill(process.pid, 'SIGINT');
  const screen = render(createElement(App, { comparison, onInterrupt }), {
    alternateScreen: true,
    interactive: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
  });
  const onSignal = (signal: NodeJS.Signals) => {
    screen.unmount();
    if (!heard.has(signal)) process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    await screen.waitUntilExit();
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
