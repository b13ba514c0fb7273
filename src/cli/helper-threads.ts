import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's helper threads out of the way of the thread that forwards: on a core that both share, one that has begun goes on for its
 * time slice, some 3 ms, whoever waits. So a function is compiled for the last time when it has been called 20,000 times, not 3,000:
 * by then few are left, and what they were compiled to before (by Maglev) is nearly as quick.
 */
export function restrainHelperThreads(): void {
  setFlagsFromString('--invocation-count-for-turbofan=20000');
}
