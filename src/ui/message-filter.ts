import type { Filter } from '../filter/filter.ts';
import { MESSAGES } from '../filter/vocabulary.ts';
import type { Viewer } from '../view/viewer.ts';
import type { ScreenFilter } from './screen.ts';

/** A filter as it was typed, and read. */
export interface TypedFilter {
  text: string;
  filter: Filter;
}

/** The filter that lets everything through. */
export const NO_FILTER: TypedFilter = { text: '', filter: { type: 'all' } };

/** The filter on messages of a screen; `apply` takes another one. */
export function messageFilter(
  viewer: Viewer,
  { text }: TypedFilter,
  apply: (typed: TypedFilter) => void,
): ScreenFilter {
  return {
    text,
    vocabulary: MESSAGES,
    known: () => viewer.known(),
    apply: (newText, filter) => apply({ text: newText, filter }),
  };
}
