import type { Outgoing } from './csms-behaviour.ts';
import { becameAvailable, refused } from './csms-counts.ts';
import { answered, answerTexts, calls, commanded, type Switch } from './csms-switch.ts';

const rewrittenAnswer = (action: string, change: (text: string) => string) =>
  answerTexts(action, ([text]) => [change(String(text))]);

/** Writes the requests of one command another way. */
const commandTexts =
  (action: string, change: (text: string, outgoing: Outgoing) => string) =>
  (base: { texts(outgoing: Outgoing): string[] }) => ({
    texts(outgoing: Outgoing) {
      const texts = base.texts(outgoing);
      return outgoing.message[0] === 2 && outgoing.action === action
        ? texts.map((text) => change(text, outgoing))
        : texts;
    },
  });

/** Messages that say the same in a way that some chargers' parsers stumble over, or that no parser reads. */
export const IN_WRITING: readonly Switch[] = [
  answered(
    'meter-values-null',
    'format-changed',
    'MeterValues',
    '',
    rewrittenAnswer('MeterValues', (text) => text.replace(/,\{\}\]$/, ',null]')),
  ),
  answered(
    'meter-values-without-payload',
    'format-changed',
    'MeterValues',
    '',
    rewrittenAnswer('MeterValues', (text) => text.replace(/,\{\}\]$/, ']')),
  ),
  answered(
    'heartbeat-fourth-element',
    'format-changed',
    'Heartbeat',
    '',
    rewrittenAnswer('Heartbeat', (text) => text.replace(/\]$/, ',{}]')),
  ),
  answered(
    'status-error-without-details',
    'format-changed',
    'StatusNotification',
    '',
    rewrittenAnswer('StatusNotification', (text) => text.replace(/^(\[4,.*),\{\}\]$/, '$1]')),
    refused,
  ),
  answered('heartbeat-binary', 'format-changed', 'Heartbeat', '', () => ({
    isBinary: ({ message, action }) => message[0] === 3 && action === 'Heartbeat',
  })),
  answered(
    'heartbeat-byte-order-mark',
    'malformed',
    'Heartbeat',
    '',
    rewrittenAnswer('Heartbeat', (text) => `\ufeff${text}`),
  ),
  answered(
    'authorize-numeric-id',
    'malformed',
    'Authorize',
    '',
    rewrittenAnswer('Authorize', (text) => text.replace(/^\[3,"[^"]*"/, '[3,7')),
  ),
  answered(
    'authorize-type-as-text',
    'malformed',
    'Authorize',
    '',
    rewrittenAnswer('Authorize', (text) => text.replace(/^\[3/, '["3"')),
  ),
  answered(
    'stop-single-quotes',
    'malformed',
    'StopTransaction',
    '',
    rewrittenAnswer('StopTransaction', (text) => text.replaceAll('"', "'")),
  ),
  answered(
    'stop-trailing-comma',
    'malformed',
    'StopTransaction',
    '',
    rewrittenAnswer('StopTransaction', (text) => text.replace(/\]$/, ',]')),
  ),
  answered(
    'heartbeat-empty-text',
    'malformed',
    'Heartbeat',
    '',
    rewrittenAnswer('Heartbeat', () => ''),
  ),
  commanded(
    'list-version-without-payload',
    'format-changed',
    'GetLocalListVersion',
    '',
    commandTexts('GetLocalListVersion', (text) => text.replace(/,\{\}\]$/, ']')),
    calls(({ action, payload }) => action === 'StatusNotification' && payload.status === 'Finishing'),
  ),
  commanded(
    'local-list-fifth-element',
    'format-changed',
    'SendLocalList',
    '',
    commandTexts('SendLocalList', (text) => text.replace(/\]$/, ',{}]')),
    calls(becameAvailable),
  ),
];
