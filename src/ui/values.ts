import type { Finding } from '../diff/finding.ts';
import { type Json, writeJson } from '../ocpp/json.ts';
import { visible } from '../session/visible.ts';
import { cellWidth } from './cells.ts';
import { fitText, type Line } from './line.ts';

/** `baseline → candidate` of a finding on one line, each side cut to its half. */
export function valuesLine(finding: Finding, columns: number): Line {
  const before = valueText(finding.baseline);
  const after = valueText(finding.candidate);
  const room = Math.max(4, columns - 6);
  const left = Math.min(cellWidth(before), Math.max(Math.floor(room / 2), room - cellWidth(after)));
  return [
    { text: ' - ', tone: 'baseline' },
    { text: fitText(before, left).trimEnd(), tone: 'baseline' },
    { text: '  + ', tone: 'candidate' },
    { text: after, tone: 'candidate' },
  ];
}

function valueText(value: Json | undefined): string {
  return value === undefined ? '(absent)' : visible(writeJson(value));
}
