import type { Reader } from '../session/recording.ts';
import type { Example, Finding } from './finding.ts';
import { textOf } from './said.ts';

/** Bytes shown of a frame's text. */
const MAX_TEXT_BYTES = 64 * 1024;

/** The findings with the texts of the frames that their examples name. */
export async function withTexts(
  findings: readonly Finding[],
  baseline: Reader,
  candidate: Reader,
): Promise<Finding[]> {
  const examples = findings.flatMap((finding) => finding.examples);
  const before = await textsOf(
    baseline,
    examples.map(({ baselineFrame }) => baselineFrame),
  );
  const after = await textsOf(
    candidate,
    examples.map(({ candidateFrame }) => candidateFrame),
  );
  const shown = (example: Example): Example => {
    const [left, right] = [before.get(example.baselineFrame), after.get(example.candidateFrame)];
    return {
      ...example,
      ...(left !== undefined && { baselineText: left }),
      ...(right !== undefined && { candidateText: right }),
    };
  };
  return findings.map((finding) => ({ ...finding, examples: finding.examples.map(shown) }));
}

async function textsOf(
  reader: Reader,
  ids: readonly (number | undefined)[],
): Promise<Map<number | undefined, string>> {
  const wanted = [...new Set(ids.filter((id) => id !== undefined))].sort((a, b) => a - b);
  const texts = new Map<number | undefined, string>();
  for await (const frame of reader.frames(wanted)) texts.set(frame.id, textOf(frame, MAX_TEXT_BYTES));
  return texts;
}
