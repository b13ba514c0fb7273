/** Marks our files (`PRAGMA application_id`): "CTap". */
export const APPLICATION_ID = 0x43546170;

/**
 * Version 1 of the format. Times are microseconds, `flags` is the bit mask of `FrameFlag`. The rowid is the only B-tree
 * of `frame` while it is written (a second one costs a quarter of the throughput); the payload stands last, so that the
 * other columns are read without it. A line here is never changed once released: a new version is a new migration.
 */
export const SCHEMA_1 = `
CREATE TABLE recording (
  part INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL,
  kind TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  label TEXT,
  upstream TEXT,
  source TEXT,
  started_at_us INTEGER NOT NULL,
  started_mono_us INTEGER NOT NULL,
  ended_at_us INTEGER
) STRICT;

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  identity TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  vendor TEXT,
  model TEXT,
  firmware TEXT,
  replays INTEGER
) STRICT;

CREATE TABLE connection (
  id INTEGER PRIMARY KEY,
  session INTEGER,
  kind TEXT NOT NULL,
  opened_id INTEGER NOT NULL,
  opened_at_us INTEGER NOT NULL,
  opened_mono_us INTEGER NOT NULL,
  closed_id INTEGER,
  closed_at_us INTEGER,
  closed_mono_us INTEGER,
  ended_by TEXT,
  ending TEXT,
  close_code INTEGER,
  close_reason TEXT,
  status INTEGER,
  handshake_us INTEGER,
  offered_subprotocols TEXT,
  subprotocol TEXT,
  offered_extensions TEXT,
  extensions TEXT,
  charger_address TEXT,
  csms_address TEXT,
  bytes_to_charger INTEGER,
  bytes_to_csms INTEGER,
  order_inferred INTEGER NOT NULL,
  replays INTEGER,
  target TEXT NOT NULL,
  request_head TEXT NOT NULL,
  response_head TEXT,
  refusal_body BLOB
) STRICT;

CREATE TABLE frame (
  id INTEGER PRIMARY KEY,
  connection INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  mono_us INTEGER NOT NULL,
  sender TEXT NOT NULL,
  opcode INTEGER,
  message_type TEXT,
  message_id TEXT,
  action TEXT,
  answers INTEGER,
  latency_us INTEGER,
  wire_bytes INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  fragments TEXT,
  sha256 TEXT,
  payload BLOB NOT NULL
) STRICT;

CREATE TABLE gap (
  id INTEGER PRIMARY KEY,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  connection INTEGER,
  frames INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;

CREATE TABLE link (
  frame INTEGER PRIMARY KEY,
  recording TEXT NOT NULL,
  replays INTEGER,
  scheduled_us INTEGER,
  source TEXT
) STRICT;

CREATE TABLE binding (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL,
  id_class TEXT NOT NULL,
  recorded TEXT NOT NULL,
  live TEXT NOT NULL,
  frame INTEGER NOT NULL
) STRICT;

CREATE TABLE outcome (
  session INTEGER PRIMARY KEY,
  complete INTEGER NOT NULL,
  reason TEXT,
  not_sent INTEGER NOT NULL
) STRICT;

CREATE TABLE departure (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL,
  kind TEXT NOT NULL,
  frame INTEGER NOT NULL,
  action TEXT NOT NULL,
  not_sent INTEGER NOT NULL,
  reason TEXT
) STRICT;

CREATE TABLE observation (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL,
  probe TEXT NOT NULL,
  frame INTEGER,
  at_us INTEGER NOT NULL,
  value TEXT,
  failure TEXT
) STRICT;
`;

/** Version 2: what TLS negotiated on each leg, as JSON; how a part stands among the others of its recording. */
export const SCHEMA_2 = `
ALTER TABLE connection ADD COLUMN charger_tls TEXT;
ALTER TABLE connection ADD COLUMN csms_tls TEXT;
ALTER TABLE connection ADD COLUMN control_frames TEXT;
ALTER TABLE recording ADD COLUMN frames_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recording ADD COLUMN continued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recording ADD COLUMN shard TEXT;
ALTER TABLE recording ADD COLUMN pseudonym_key TEXT;
`;

/** Built at a clean end, for readers: frames of a connection, answers of a call, connections and bindings of a session. */
export const INDEXES = `
CREATE INDEX IF NOT EXISTS binding_by_session ON binding (session);
CREATE INDEX IF NOT EXISTS connection_by_session ON connection (session);
CREATE INDEX IF NOT EXISTS frame_by_answers ON frame (answers) WHERE answers IS NOT NULL;
CREATE INDEX IF NOT EXISTS frame_by_connection ON frame (connection);
`;

/** The index that a reader looks for; made last, so that where it is the others are too. */
export const READER_INDEX = 'frame_by_connection';
