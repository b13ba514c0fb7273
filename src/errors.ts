/** What each error raised on purpose means to the person who meets it, and how the process ends because of it. */
export interface ErrorKind {
  /** Exit code of the process: 2 usage or configuration, 3 incomplete or unusable. */
  exit: 2 | 3;
  /** What to do about it, one sentence. */
  hint: string;
}

/** Every error that Chargetape raises on purpose, by its stable code. The README documents each. */
export const ERRORS = {
  USAGE: { exit: 2, hint: 'Run `chargetape --help`, or `chargetape COMMAND --help`.' },
  NO_TERMINAL: { exit: 2, hint: 'Start it in a terminal, without a pipe and without CI in the environment.' },
  SCREENS_FAILED: {
    exit: 3,
    hint: 'A recorder goes on without them (`chargetape ui RECORDING --follow` comes back); please report this.',
  },
  NODE_TOO_OLD: { exit: 2, hint: 'Install Node 24 or newer.' },
  BAD_URL: { exit: 2, hint: 'Give a URL such as ws://csms.example:8180/ocpp.' },
  BAD_ADDRESS: { exit: 2, hint: 'Give HOST:PORT, such as 127.0.0.1:9000.' },
  BAD_CERTIFICATE: {
    exit: 2,
    hint: 'Give PEM files: a certificate with its chain, and its key without a passphrase.',
  },
  BAD_KEY_FILE: { exit: 2, hint: 'Give a file of 16 bytes or more, such as `openssl rand -hex 32` writes.' },
  OPEN_FILES: { exit: 2, hint: 'Raise the limit (`ulimit -n`, LimitNOFILE=), or ask for fewer.' },
  PORT_IN_USE: { exit: 2, hint: 'Choose another port, or stop the program that holds it.' },
  CANNOT_LISTEN: { exit: 2, hint: 'Choose an address of this machine and a port you may use.' },
  OUT_EXISTS: { exit: 2, hint: 'A recording is never overwritten: choose another --out.' },
  CANNOT_WRITE: { exit: 2, hint: 'Choose a folder that exists and may be written to.' },
  NETWORK_FILE_SYSTEM: {
    exit: 2,
    hint: 'SQLite is not safe on network file systems: choose a local folder.',
  },
  BAD_LIST: {
    exit: 2,
    hint: 'The README says how lists of names, passwords, certificates and tags are written; each name once.',
  },
  BAD_FILTER: { exit: 2, hint: 'See "The filter language" in the README.' },
  BAD_COMMANDS: {
    exit: 2,
    hint: 'See "Commands that people start" in the README for the file of --commands.',
  },
  BAD_HOOK: { exit: 2, hint: 'Give an ES module that exports a function onSend(message, context).' },
  BAD_RULES: { exit: 2, hint: 'See "Rules" in the README; nothing was compared.' },
  NO_SUCH_FINDING: { exit: 2, hint: 'Give ids that the comparison of --from lists.' },
  NO_SUCH_FILE: { exit: 2, hint: 'Check the path.' },
  NO_SUCH_SESSION: { exit: 2, hint: 'See `chargetape list RECORDING` for the sessions it holds.' },
  AMBIGUOUS_SESSION: { exit: 2, hint: 'Give the session id that `chargetape list` prints.' },
  TARGET_REFUSED: {
    exit: 2,
    hint: 'Allow a test system with --allow-target HOST[:PORT] or CHARGETAPE_TARGETS.',
  },
  NO_SUCH_PROFILE: { exit: 2, hint: 'Give one of these, or the file of a profile.' },
  BAD_PROFILE: { exit: 2, hint: 'See "Profiles" in fixtures/sessions/README.md; nothing was dialled.' },
  MISSING_SHARD: { exit: 3, hint: 'Give every shard of the run once; nothing was merged.' },
  BAD_SHARDS: { exit: 2, hint: 'Give runs that `replay --shard` or `charge --shard` made of one recording.' },
  BAD_PROBES: {
    exit: 2,
    hint: 'Give {NAME: {"after": ACTION or "session", "request": {"url": ...} or "run": [...]}}.',
  },
  SETUP_FAILED: { exit: 2, hint: 'Its output is above; nothing was dialled.' },
  PREFLIGHT_FAILED: {
    exit: 3,
    hint: 'Make the chargers known to the target (see --requirements) and give --credentials; nothing was replayed.',
  },
  NOT_A_RECORDING: {
    exit: 3,
    hint: 'Give a file that `chargetape record`, `replay`, `import` or `cut` wrote.',
  },
  NEWER_FORMAT: { exit: 3, hint: 'Update Chargetape.' },
  EMPTY_RECORDING: {
    exit: 3,
    hint: 'Nothing was recorded: check that chargers were connected to the recorder.',
  },
  TRUNCATED_CAPTURE: { exit: 3, hint: 'Copy the capture again; nothing was imported.' },
  BAD_CAPTURE: { exit: 3, hint: 'See the README for the capture formats that can be imported.' },
  UNREADABLE: { exit: 3, hint: 'Check the file with `sqlite3 FILE "PRAGMA integrity_check"`.' },
} as const satisfies Record<string, ErrorKind>;

/** The stable code of an error, as printed, documented and tested. */
export type ErrorCode = keyof typeof ERRORS;

/** Trouble in operation: a stable code, one clear sentence and a hint. `main` prints it and exits with its code. */
export class ChargetapeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.name = 'ChargetapeError';
    this.code = code;
  }

  /** Exit code of the process that ends because of this error. */
  get exitCode(): number {
    return ERRORS[this.code].exit;
  }

  /** What the user can do about it. */
  get hint(): string {
    return ERRORS[this.code].hint;
  }
}
