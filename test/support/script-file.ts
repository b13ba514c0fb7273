import { createRecording } from '../../src/store/recording-writer.ts';
import type { Script } from './scripted-session.ts';

/** Writes scripted sessions (see scripted-session.ts) as a recording on disk. */
export async function writeScripts(file: string, scripts: readonly Script[]): Promise<string> {
  const head = { kind: 'capture', toolVersion: 'test', label: null, upstream: null, source: null } as const;
  const recorder = await createRecording(file, head);
  for (const { session, events } of scripts) {
    recorder.record({ kind: 'session', session });
    for (const event of events) {
      if (event.kind === 'frame') recorder.record({ kind: 'frame', frame: event.frame });
      else recorder.record({ kind: 'connection', connection: event.connection });
    }
  }
  await recorder.close();
  return file;
}
