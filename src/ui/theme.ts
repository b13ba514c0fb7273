import type { Finding, Severity } from '../diff/finding.ts';

/** What a text means; the theme says how that looks. */
export type Tone = 'quiet' | 'accent' | 'high' | 'medium' | 'low' | 'good' | 'baseline' | 'candidate';

/** What is to be said to `styleText` of a text's look. */
export type Style = 'cyan' | 'red' | 'yellow' | 'blue' | 'green' | 'dim' | 'bold' | 'inverse';

/** The sixteen colours that each terminal maps to what is readable on its own ground. */
const COLOURS: Partial<Record<Tone, Style>> = {
  accent: 'cyan',
  high: 'red',
  medium: 'yellow',
  low: 'blue',
  good: 'green',
  baseline: 'red',
  candidate: 'green',
};

/** Look of a text. Without colour (`NO_COLOR`, no-color.org) bold, dim and inverse remain; signs carry the meaning. */
export function look(
  of: { tone?: Tone; strong?: boolean; mark?: boolean },
  colour: boolean = !process.env.NO_COLOR,
): Style[] {
  const styles: Style[] = [];
  if (of.mark) styles.push('inverse');
  if (of.strong) styles.push('bold');
  if (of.tone === 'quiet') styles.push('dim');
  const ofTone = of.tone && COLOURS[of.tone];
  if (colour && ofTone) styles.push(ofTone);
  return styles;
}

/** Sign and word of each severity, so that colour is never the only one to say it. */
export const SEVERITIES: Record<Severity, { sign: string; tone: Tone }> = {
  high: { sign: '▲', tone: 'high' },
  medium: { sign: '◆', tone: 'medium' },
  low: { sign: '·', tone: 'low' },
};

/** How a finding is graded on the screen: its severity while it is new, else what became of it. */
export function gradeOf(finding: Finding): { sign: string; word: string; tone: Tone } {
  if (finding.status === 'accepted') return { sign: '✓', word: 'accepted', tone: 'quiet' };
  if (finding.status === 'noise') return { sign: '~', word: 'noise', tone: 'quiet' };
  if (finding.status === 'flaky') return { sign: '~', word: 'flaky', tone: 'quiet' };
  return { ...SEVERITIES[finding.severity], word: finding.severity };
}

/** Sign and tone of each verdict. */
export const VERDICTS = {
  same: { sign: '✓', tone: 'good' },
  different: { sign: '✗', tone: 'high' },
  incomplete: { sign: '!', tone: 'medium' },
} as const satisfies Record<string, { sign: string; tone: Tone }>;
