import { Command, CommanderError } from 'commander';
import { ChargetapeError } from '../errors.ts';
import { acceptCommand, rejectCommand } from './accept.ts';
import { chargeCommand } from './charge.ts';
import { cutCommand } from './cut.ts';
import { demoCommand } from './demo/demo.ts';
import { diffCommand } from './diff.ts';
import { importCommand } from './import.ts';
import { listCommand } from './list.ts';
import { mergeCommand } from './merge.ts';
import { recordCommand } from './record.ts';
import { replayCommand } from './replay.ts';
import type { Run } from './run.ts';
import { showCommand } from './show.ts';
import { statsCommand } from './stats.ts';
import { uiCommand } from './ui.ts';
import { TOOL_VERSION } from './version.ts';

/** Exit codes by cause, as the README documents them. */
export const EXIT_CODES = {
  0: 'no unaccepted difference; for other commands: done',
  1: 'the candidate differs from the baseline',
  2: 'usage or configuration: nothing was done',
  3: 'incomplete or unusable: something could not be replayed, compared or read',
  4: 'a threshold of a load run was missed',
  130: 'stopped by SIGINT',
  143: 'stopped by SIGTERM',
} as const;

/** The whole command line. Each command hands its exit code to `run`. */
export function commandLine(run: Run): Command {
  const program = new Command('chargetape')
    .description(
      'Records OCPP 1.6-J traffic, replays it against the next CSMS build, and shows what differs.',
    )
    .version(TOOL_VERSION, '--version', 'print the version')
    .helpCommand(false)
    .showHelpAfterError(false);
  const commands = [
    recordCommand,
    replayCommand,
    diffCommand,
    uiCommand,
    acceptCommand,
    rejectCommand,
    listCommand,
    showCommand,
    statsCommand,
    cutCommand,
    importCommand,
    mergeCommand,
    chargeCommand,
    demoCommand,
  ];
  for (const command of commands) program.addCommand(command(run));
  return program;
}

/** Runs one command line (without node and script) and returns the exit code; never throws for bad input. */
export async function run(argv: string[]): Promise<number> {
  followLauncher();
  let exitCode = 0;
  const program = commandLine(async (action) => {
    exitCode = await action();
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => {} });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, program);
  }
}

/** Prints an error raised on purpose as one line and returns its exit code; anything else is our own mistake. */
function report(error: unknown, program: Command): number {
  if (error instanceof CommanderError) return reportUsage(error, program);
  if (!(error instanceof ChargetapeError)) throw error;
  process.stderr.write(`error ${error.code}: ${error.message} ${error.hint}\n`);
  return error.exitCode;
}

function reportUsage(error: CommanderError, program: Command): number {
  if (error.exitCode === 0) return 0;
  if (error.code === 'commander.help') {
    process.stderr.write(program.helpInformation());
    return 2;
  }
  const sentence = error.message.replace(/^error: /, '').replace(/\.?$/, '.');
  return report(new ChargetapeError('USAGE', sentence.charAt(0).toUpperCase() + sentence.slice(1)), program);
}

/** Under the launcher of an old Node (see main.ts), ends when the launcher is gone. */
function followLauncher(): void {
  if (process.env.CHARGETAPE_LAUNCHED === undefined || process.channel === undefined) return;
  delete process.env.CHARGETAPE_LAUNCHED;
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}
