import './env.ts';
import type { Comparison, Finding } from '../diff/finding.ts';
import type { Viewer } from '../view/viewer.ts';
import type { FindingDeeds, RecordingDeeds } from './deeds.ts';
import { Question } from './layers/question.ts';
import type { ReplayWatch } from './replay-watch.ts';
import type { Screen } from './screen.ts';
import { FindingScreen } from './screens/finding.ts';
import { FindingsScreen } from './screens/findings.ts';
import { LiveScreen, type Recorder } from './screens/live.ts';
import { MessageScreen } from './screens/message.ts';
import { ReplayScreen } from './screens/replay.ts';
import { type Opened, SessionScreen } from './screens/session.ts';
import type { Showing } from './terminal.ts';
import type { Whole } from './whole.ts';

/** Begun at once, since Ink takes long to load, and not before `env.ts` has made that shorter. */
const terminal = import('./terminal.ts');

/** A recording to be looked at. */
export interface RecordingTour {
  viewer: Viewer;
  deeds: RecordingDeeds;
}

/** What there is to look at. */
export interface Tour {
  recording?: RecordingTour;
  comparison?: Comparison;
  findingDeeds?: FindingDeeds;
  /** The recorder that writes the recording, and how its end is asked for. */
  recorder?: Recorder & { stop?(): void; leave?(): void };
  replay?: ReplayWatch;
}

/** How the reader left: with the comparison as the decisions leave it, if there was one. */
export interface Left {
  comparison: Comparison | null;
}

/** Shows the screens of a tour until the reader quits. */
export async function showTour(tour: Tour, onShown?: Showing['onShown']): Promise<Left> {
  const route = new Route(tour);
  const { showScreens } = await terminal;
  await showScreens({
    begin: (whole) => route.begin(whole),
    goals: route.goals,
    mayQuit: (whole) => route.mayQuit(whole),
    ...(onShown && { onShown }),
  });
  return { comparison: route.comparison };
}

/** Which screen leads to which. */
class Route {
  readonly #tour: Tour;
  #whole: Whole | null = null;
  #live: LiveScreen | null = null;
  #findings: FindingsScreen | null = null;
  #replay: ReplayScreen | null = null;

  constructor(tour: Tour) {
    this.#tour = tour;
    tour.replay?.onCompared((comparison, deeds) => this.#compared(comparison, deeds));
  }

  get comparison(): Comparison | null {
    return this.#findings?.comparison ?? this.#tour.comparison ?? null;
  }

  readonly goals = {
    live: () => this.#liveScreen() ?? 'there is no recording to show chargers of',
    session: () => this.#sessionScreen(),
    replay: () => this.#replayScreen() ?? 'this is no replay: start one with chargetape replay',
    findings: () =>
      this.#findingsScreen() ?? 'nothing was compared yet: start with chargetape ui RECORDING CANDIDATE',
  };

  begin(whole: Whole): void {
    this.#whole = whole;
    const first = this.#replayScreen() ?? this.#findingsScreen() ?? this.#liveScreen();
    if (first) whole.open(first);
  }

  mayQuit(whole: Whole): boolean {
    const { recorder, replay } = this.#tour;
    if (recorder?.stop && recorder.ended() === null) {
      whole.lay(
        new Question(
          whole,
          `The recorder (pid ${recorder.pid}) is running. Chargers are connected through it.`,
          [
            {
              key: 's',
              says: 'stop it: connections end',
              run: () => this.#quitWith(() => recorder.stop?.()),
            },
            { key: 'l', says: 'leave it running', run: () => this.#quitWith(() => recorder.leave?.()) },
          ],
        ),
      );
      return false;
    }
    if (replay && !replay.isOver) {
      whole.lay(
        new Question(whole, 'The replay is running.', [
          {
            key: 's',
            says: 'stop it: sessions are incomplete',
            run: () => this.#quitWith(() => replay.stop()),
          },
        ]),
      );
      return false;
    }
    return true;
  }

  #quitWith(deed: () => void): void {
    deed();
    this.#whole?.quit();
  }

  #compared(comparison: Comparison, deeds: FindingDeeds): void {
    const whole = this.#whole;
    if (!whole) return;
    this.#findings = new FindingsScreen(whole, comparison, deeds, (screen) => this.#openFinding(screen));
    // A reader who is somewhere else is not taken away from there.
    if (whole.screen === this.#replay && whole.layer === null) whole.open(this.#findings);
    else whole.tell('the replay is over and compared: 4 shows the findings');
  }

  #liveScreen(): LiveScreen | null {
    const { recording, recorder } = this.#tour;
    if (!recording || !this.#whole) return null;
    this.#live ??= new LiveScreen(
      this.#whole,
      recording.viewer,
      recording.deeds,
      (session, charger, filter) => this.#openSession({ session, charger, filter }),
      recorder ?? null,
    );
    return this.#live;
  }

  #sessionScreen(): Screen | string {
    const row = this.#live?.selectedRow;
    if (!row) return 'select a charger first (1), then Enter';
    return (
      this.#newSession({ session: row.session, charger: row.charger }) ??
      'there is no recording to show a ladder of'
    );
  }

  #replayScreen(): ReplayScreen | null {
    const { replay } = this.#tour;
    if (!replay || !this.#whole) return null;
    this.#replay ??= new ReplayScreen(this.#whole, replay, () => {
      const findings = this.#findingsScreen();
      if (findings) this.#whole?.open(findings);
    });
    return this.#replay;
  }

  #findingsScreen(): FindingsScreen | null {
    const { comparison, findingDeeds } = this.#tour;
    if (this.#findings || !comparison || !findingDeeds || !this.#whole) return this.#findings;
    this.#findings = new FindingsScreen(this.#whole, comparison, findingDeeds, (screen) =>
      this.#openFinding(screen),
    );
    return this.#findings;
  }

  #openFinding(list: FindingsScreen): void {
    const whole = this.#whole;
    if (!whole) return;
    whole.open(new FindingScreen(whole, list, (finding, example) => void this.#openLadder(finding, example)));
  }

  /** The ladder of the recording at the frame of an example, with all frames that findings are about. */
  async #openLadder(finding: Finding, at: number): Promise<void> {
    const { recording } = this.#tour;
    const example = finding.examples[at];
    const whole = this.#whole;
    if (!whole || !example) return;
    if (!recording)
      return whole.tell('the recording is not at hand: start with chargetape ui RECORDING CANDIDATE', true);
    const session = await recording.viewer.sessionNamed(example.session);
    if (session === null) return whole.tell(`the recording has no session ${example.session}`, true);
    const findings = framesOf(this.comparison?.findings ?? [], example.session);
    const frame = example.baselineFrame ?? findings.find((id) => id > 0);
    this.#openSession({
      session,
      charger: example.session,
      findings,
      ...(frame !== undefined && { at: frame }),
    });
  }

  #openSession(opened: Opened): void {
    const screen = this.#newSession(opened);
    if (screen) this.#whole?.open(screen);
  }

  #newSession(opened: Opened): SessionScreen | null {
    const { recording } = this.#tour;
    const whole = this.#whole;
    if (!recording || !whole) return null;
    const findings = opened.findings ?? framesOf(this.comparison?.findings ?? [], opened.charger);
    return new SessionScreen(whole, recording.viewer, recording.deeds, { ...opened, findings }, (ladder) =>
      whole.open(new MessageScreen(whole, recording.viewer, recording.deeds, ladder)),
    );
  }
}

/** Frames of the baseline that findings are about in a session, in order. */
function framesOf(findings: readonly Finding[], session: string): number[] {
  const frames = findings.flatMap(({ examples }) =>
    examples.flatMap((example) =>
      example.session === session && example.baselineFrame !== undefined ? [example.baselineFrame] : [],
    ),
  );
  return [...new Set(frames)].sort((a, b) => a - b);
}
