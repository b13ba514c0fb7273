import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at the size it has now: nearly all that a recorder makes dies within one event-loop turn, so a
 * larger one is no faster, and with thousands of silent chargers it would be half of the memory. And of the helper threads one is
 * enough to look for what of so small a heap has died: on a single core, each takes its turn before the one that forwards.
 */
export function restrainGarbageCollection(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--concurrent-marking-max-worker-num=1');
}
