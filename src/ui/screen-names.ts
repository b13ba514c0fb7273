/** The screens, and the layers that may lie over one. Each has its own keys in the table. */
export const SCREENS = ['live', 'session', 'message', 'replay', 'findings', 'finding'] as const;
export const LAYERS = ['help', 'summary', 'palette', 'filter', 'accept', 'ask'] as const;
export type ScreenName = (typeof SCREENS)[number];
export type LayerName = (typeof LAYERS)[number];
