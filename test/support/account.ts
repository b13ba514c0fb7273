import { openRecording } from '../../src/store/reader.ts';

/** What a recording, with all its parts, says of the messages that passed. */
export interface Account {
  /** Text frames on record, and how many of them were forwarded first. */
  texts: number;
  late: number;
  /** Frames in gaps, and the gaps' reasons. */
  missing: number;
  reasons: string[];
}

/** Counts the text frames on record and the frames in gaps. */
export async function accountOf(file: string): Promise<Account> {
  const reader = await openRecording(file);
  const account: Account = { texts: 0, late: 0, missing: 0, reasons: [] };
  for await (const { id } of reader.sessions()) {
    for await (const event of reader.events(id)) {
      if (event.kind !== 'frame' || event.frame.opcode !== 1) continue;
      account.texts++;
      if (event.frame.flags & 2) account.late++;
    }
  }
  for (const gap of await reader.gaps()) {
    account.missing += gap.frames;
    account.reasons.push(gap.reason);
  }
  reader.close();
  return account;
}
