// Preloaded (`--import`) into a process that is to meet a mistake of its own: SIGUSR2 makes one.
process.on('SIGUSR2', () => {
  throw new Error('planted');
});
