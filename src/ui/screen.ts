import type { Known } from '../filter/completion.ts';
import type { Filter } from '../filter/filter.ts';
import type { Vocabulary } from '../filter/vocabulary.ts';
import type { Command } from './keys.ts';
import type { Line } from './line.ts';
import type { LayerName, ScreenName } from './screen-names.ts';

/** Columns and rows of the terminal, or of a part of it. */
export interface Size {
  columns: number;
  rows: number;
}

/** The filter of a screen: its expression stays and can be edited. */
export interface ScreenFilter {
  text: string;
  vocabulary: Vocabulary;
  known(): Promise<Known>;
  apply(text: string, filter: Filter): void;
}

/** One screen: takes commands, gives lines. It asks for what it needs itself, and tells the desk when that has come. */
export interface Screen {
  readonly name: ScreenName;
  /** What it is of, for the breadcrumbs. */
  readonly title: string;
  /** At most so many lines; the footer is not among them. */
  lines(size: Size): Line[];
  /** How far its window has come, for the footer. */
  readonly position: string;
  /** Why a command would do nothing now; null when it would do something. */
  refuses(command: Command): string | null;
  run(command: Command): void;
  readonly filter?: ScreenFilter;
  /** Shown again after the one over it was left. */
  resume?(): void;
  close?(): void;
}

/** Something that lies over a screen and takes the keys first. */
export interface Layer {
  readonly name: LayerName;
  /** Lines at the bottom (a prompt) or instead of the screen (a page). */
  readonly isPage: boolean;
  lines(size: Size): Line[];
  /** Takes a key by its name. */
  press(key: string): void;
  readonly position?: string;
}

/** What a screen may ask of the whole. */
export interface Desk {
  /** Draws again. */
  redraw(): void;
  open(screen: Screen): void;
  back(): void;
  lay(layer: Layer): void;
  /** Takes the layer away. */
  lift(): void;
  /** Says something in one line, until the next key. */
  tell(text: string, isTrouble?: boolean): void;
  /** Puts a text into the clipboard of the terminal. */
  copy(text: string, what: string): void;
  /** Ends the interface. */
  quit(): void;
  readonly size: Size;
}
