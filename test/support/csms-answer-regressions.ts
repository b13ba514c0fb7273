import { boots, refused } from './csms-counts.ts';
import { answer, answered, answerTexts, type Switch } from './csms-switch.ts';

/** Calls that are answered otherwise as a whole: refused, twice, late or never. */
export const IN_ANSWERS: readonly Switch[] = [
  answered(
    'heartbeat-error',
    'result-to-error',
    'Heartbeat',
    '',
    answer('Heartbeat', () => ({ errorCode: 'InternalError', description: 'database is down' })),
  ),
  answered(
    'heartbeat-twice',
    'duplicate-answer',
    'Heartbeat',
    '',
    answerTexts('Heartbeat', (texts) => [...texts, ...texts]),
  ),
  answered(
    'authorize-unanswered',
    'unanswered',
    'Authorize',
    '',
    answer('Authorize', () => 'silence'),
  ),
  answered(
    'stop-error',
    'result-to-error',
    'StopTransaction',
    '',
    answer('StopTransaction', () => ({ errorCode: 'InternalError', description: 'no such session' })),
  ),
  answered(
    'status-error-code',
    'error-code',
    'StatusNotification',
    '',
    answer('StatusNotification', (old) => ('errorCode' in old ? { ...old, errorCode: 'GenericError' } : old)),
    refused,
  ),
  answered(
    'status-accepted',
    'error-to-result',
    'StatusNotification',
    '',
    answer('StatusNotification', (old) => ('errorCode' in old ? { result: {} } : old)),
    refused,
  ),
  answered(
    'meter-values-error',
    'result-to-error',
    'MeterValues',
    '',
    answer('MeterValues', () => ({ errorCode: 'InternalError', description: 'no' })),
  ),
  answered(
    'authorize-twice',
    'duplicate-answer',
    'Authorize',
    '',
    answerTexts('Authorize', (texts) => [...texts, ...texts]),
  ),
  answered(
    'stop-twice',
    'duplicate-answer',
    'StopTransaction',
    '',
    answerTexts('StopTransaction', (texts) => [...texts, ...texts]),
  ),
  answered(
    'meter-values-twice',
    'duplicate-answer',
    'MeterValues',
    '',
    answerTexts('MeterValues', (texts) => [...texts, ...texts]),
  ),
  {
    name: 'orphan-answer',
    change: answerTexts('BootNotification', (texts) => [...texts, '[3,"never-called",{}]']),
    expected: [{ kind: 'orphan-answer', caller: null, action: null, path: '', count: boots }],
  },
];
