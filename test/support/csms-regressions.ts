import { IN_ANSWERS } from './csms-answer-regressions.ts';
import { IN_COMMANDS } from './csms-command-regressions.ts';
import { IN_CONNECTIONS } from './csms-connection-regressions.ts';
import { IN_IDS } from './csms-id-regressions.ts';
import { IN_PAYLOADS } from './csms-payload-regressions.ts';
import type { Switch } from './csms-switch.ts';
import { IN_TIMES } from './csms-time-regressions.ts';
import { IN_WRITING } from './csms-writing-regressions.ts';

/** Planted regressions: each is one change of the base build, and the findings it must cause, no more and no fewer. */
export const REGRESSIONS: readonly Switch[] = [
  ...IN_PAYLOADS,
  ...IN_TIMES,
  ...IN_IDS,
  ...IN_ANSWERS,
  ...IN_WRITING,
  ...IN_COMMANDS,
  ...IN_CONNECTIONS,
];
