import type { Call, Message } from '../ocpp/message.ts';
import type { Exchanged, Path, Protocol } from '../ocpp/protocol.ts';
import type { Connection } from '../session/connection.ts';
import type { Frame } from '../session/frame.ts';
import type { Session } from '../session/recording.ts';

/**
 * Everything a virtual charger will do and may expect, made of one recorded session. Never changes while it plays. What the charger
 * says is not in it: that is read from the recording when it is due.
 */
export interface Plan {
  session: Session;
  /** What the charger sends at a step. */
  spoken(step: CallStep): Spoken;
  frame(step: FrameStep | CloseStep): Frame;
  /** What the charger does by itself, in recorded order over all its connections; the last one is `finish`. */
  steps: readonly Step[];
  /** What the CSMS asked for, in recorded order: expectations, not steps. */
  commands: readonly RecordedCommand[];
  connections: ReadonlyMap<number, PlannedConnection>;
  pongs: PongHabit;
  /** Frames of the charger that cannot be sent, because the recording holds only a prefix of them. */
  cutFrames: number;
  /** Ids, such as of transactions, that were issued before the recording began. */
  orphans: readonly Orphan[];
  /** Ids that calls name and nothing issued, by class. */
  unresolvedIds: Readonly<Record<string, number>>;
  /** Exchanges that tell what the charger is able to and how it is set up. */
  recalled: readonly Exchanged[];
}

/** A call of the charger as it was recorded. */
export interface Spoken {
  frame: Frame;
  text: string;
  call: Call;
}

/** What to do with calls that name an id issued before the recording: send them as they are, let one be issued first, leave them out. */
export type OrphanMode = 'keep' | 'start' | 'skip';

/** What a user decides about a plan beforehand. Actions as on the wire. */
export interface PlanRules {
  /** Commands that an operator, app or cron starts, whatever the protocol says. */
  external: ReadonlySet<string>;
  /** Commands that follow from what the charger did, whatever the protocol says. */
  reaction: ReadonlySet<string>;
  /** External commands that somebody can make the CSMS send. */
  driven: ReadonlySet<string>;
  orphans: OrphanMode;
}

/** No decisions: the protocol's own classes, nobody who makes the CSMS send a command. */
export const NO_RULES: PlanRules = {
  external: new Set(),
  reaction: new Set(),
  driven: new Set(),
  orphans: 'keep',
};

/** An id that was issued before the recording began. */
export interface Orphan {
  idClass: string;
  /** Exact JSON text of the recorded value. */
  recorded: string;
  /** The first call that names it. */
  first: CallStep;
  mode: OrphanMode;
}

/** A recorded connection as the virtual charger is to repeat it. */
export interface PlannedConnection {
  recorded: Connection;
  protocol: Protocol;
  /** The recorded handshake was answered with 101. */
  accepted: boolean;
  /** Whether the charger answered the close frame of the CSMS with its own; null when there was none to answer. */
  echoesClose: boolean | null;
  /** Place of its recorded end; null when the recording has none. */
  closedId: number | null;
}

/** How the recorded charger answered pings. */
export interface PongHabit {
  /** Pongs for each ping: 0, 1 or 2. */
  perPing: number;
  /** Median time from a ping to its pong, µs. */
  delayUs: number;
}

/** What the charger does by itself. Answers to commands and pongs are no steps but reactions. */
export type Step = DialStep | CallStep | FrameStep | CloseStep | EndStep | DriveStep | FinishStep;

interface StepBase {
  /** Place in `Plan.steps`. */
  index: number;
  /** Place in the recording-wide order. */
  id: number;
  /** Recorded connection. */
  connection: number;
  /** Recorded time since the origin of the run, µs. */
  offsetUs: number;
}

/** The charger opens a connection. */
export interface DialStep extends StepBase {
  kind: 'dial';
}

/** The charger calls the CSMS. */
export interface CallStep extends StepBase {
  kind: 'call';
  action: string;
  /** What it says, of a call that is not in the recording; null for one that is read there when it is due. */
  made: Spoken | null;
  uses: readonly IdUse[];
  /** Tags that it names, or that the transaction has which it ends; keys of them. */
  tags: readonly string[];
  cause: Cause | null;
  /** Index of the first step that came after the first answer (in a preamble that is not the order of ids); null when the CSMS never answered. */
  answeredBefore: number | null;
  /** Ids that the recorded answer issued. */
  issues: readonly Issue[];
  /** The call whose result let the recorded charger go on to this one; null when there was none. */
  admission: CallStep | null;
  /** An id that it names and that was issued before the recording. */
  orphan: Orphan | null;
}

/** Anything else the charger sends by itself: a ping, malformed text, an orphan answer, opaque bytes. */
export interface FrameStep extends StepBase {
  kind: 'frame';
  opcode: number | null;
}

/** The charger starts the closing handshake (RFC 6455 §7.1.2). */
export interface CloseStep extends StepBase {
  kind: 'close';
  cause: Cause | null;
  /** Time since the frame before it on this connection, µs. */
  quietUs: number;
}

/** The connection ends without a close frame of the charger's: by its FIN or reset, or by the CSMS, which is waited for. */
export interface EndStep extends StepBase {
  kind: 'end';
  how: 'fin' | 'reset' | 'csms';
  cause: Cause | null;
  quietUs: number;
}

/** Somebody is to make the CSMS send an external command. */
export interface DriveStep extends StepBase {
  kind: 'drive';
  command: RecordedCommand;
  /** Ids that the command names. */
  uses: readonly IdUse[];
  tags: readonly string[];
}

/** The session is over: what is still open is closed by us. */
export interface FinishStep extends StepBase {
  kind: 'finish';
}

/** The command that provoked a step, and what to do when it does not come. */
export interface Cause {
  command: RecordedCommand;
  whenMissing: 'skip' | 'continue';
  /** Places that the step has from its command. */
  carries: readonly { from: Path; to: Path }[];
}

/** An id that the recorded CSMS issued, in an answer or in a command. */
export interface Issue {
  idClass: string;
  path: Path;
  /** Exact JSON text of the recorded value. */
  recorded: string;
  by: { call: number } | { command: number };
}

/** A place of a charger's message that names an id issued before. */
export interface IdUse {
  path: Path;
  /** Exact JSON text of the recorded value. */
  recorded: string;
  issue: Issue;
}

/** A command of the recording: expected within a window, and the source of the answer to it. */
export interface RecordedCommand {
  /** Place in `Plan.commands`. */
  index: number;
  id: number;
  connection: number;
  offsetUs: number;
  call: Call;
  text: string;
  protocol: Protocol;
  issues: Issue[];
  /** Follows from what the charger did; otherwise an operator, app or cron started it. */
  reaction: boolean;
  /** From before the part that is played: the charger holds to it, and nobody waits for it. */
  presumed: boolean;
  /** Index of the charger's call whose answer it followed within five seconds; null when there is none. */
  stimulus: number | null;
  /** The charger's answers: none, one, or its duplicates too. */
  answers: RecordedAnswer[];
  /** Left without an answer although the connection lived on: stays so. */
  silent: boolean;
}

/** What the recorded charger answered to a command. */
export interface RecordedAnswer {
  frame: Frame;
  text: string;
  message: Message;
  action: string;
  protocol: Protocol;
  /** From the command to this answer, µs. */
  delayUs: number;
  uses: readonly IdUse[];
}
