import Database from 'better-sqlite3';

/** What each charger said in a recording, by identity, in order. */
export function recordedTexts(file: string): Map<string, string[]> {
  const db = new Database(file, { readonly: true });
  try {
    const rows = db
      .prepare(
        `SELECT session.identity, frame.payload FROM frame
         JOIN connection ON connection.id = frame.connection
         JOIN session ON session.id = connection.session
         WHERE frame.sender = 'charger' AND frame.opcode = 1 ORDER BY frame.id`,
      )
      .all() as { identity: string; payload: Buffer }[];
    const texts = new Map<string, string[]>();
    for (const { identity, payload } of rows) {
      const own = texts.get(identity) ?? [];
      texts.set(identity, own);
      own.push(payload.toString('utf8'));
    }
    return texts;
  } finally {
    db.close();
  }
}
