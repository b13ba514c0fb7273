import type { RecordingDeeds } from '../ui/deeds.ts';
import { freeName, stemOf, writeNew } from './new-files.ts';
import { counted } from './output.ts';
import { TOOL_VERSION } from './version.ts';

/** What the screens of a recording have done for them. Files stand in the folder that the command was started in. */
export function recordingDeeds(path: string): RecordingDeeds {
  return {
    async cut(chosen) {
      const out = freeName(`${stemOf(path)}-cut`, 'db');
      const { sessions, frames } = await cutOut(path, out, new Set(chosen));
      return `cut into ${out}: ${counted(sessions, 'session')}, ${counted(frames, 'frame')}`;
    },
    write: writeNew,
  };
}

/** Loads what it needs when it is wanted: the first screen does not wait for that. */
async function cutOut(
  path: string,
  out: string,
  chosen: ReadonlySet<number>,
): Promise<{ sessions: number; frames: number }> {
  const [{ cutRecording }, { openRecording }] = await Promise.all([
    import('../store/cut.ts'),
    import('../store/reader.ts'),
  ]);
  const reader = await openRecording(path);
  try {
    return await cutRecording(reader, out, {
      sessions: ({ id }) => chosen.has(id),
      toolVersion: TOOL_VERSION,
    });
  } finally {
    reader.close();
  }
}
