/** What a command does with its process: the action returns the exit code. */
export type Run = (action: () => Promise<number>) => Promise<void>;
