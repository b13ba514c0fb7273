import { FrameFlag } from '../session/frame.ts';
import type { Reader } from '../session/recording.ts';

/** Connections of a session that Chargetape opened for itself, to clean up after a run: all they say is ours. None in a capture. */
export async function ownConnections(reader: Reader, session: number): Promise<Set<number>> {
  const ours = new Set<number>();
  if (reader.recording.source === null) return ours;
  const others = new Set<number>();
  for await (const event of reader.events(session)) {
    if (event.kind !== 'frame' || event.frame.sender !== 'charger' || event.frame.messageType === null)
      continue;
    const { flags, connection } = event.frame;
    (flags & FrameFlag.ours ? ours : others).add(connection);
  }
  for (const connection of others) ours.delete(connection);
  return ours;
}
