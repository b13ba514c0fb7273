import { registerHooks } from 'node:module';

/**
 * Imported before React: its development build is slower, and its timing entries grow with each render.
 * Who wants that build for debugging sets NODE_ENV himself.
 */
process.env.NODE_ENV ??= 'production';

/** Ink takes one function out of this library of 300 modules; to load them all would be a third of its start. */
const LIBRARY = 'es-toolkit/compat';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== LIBRARY) return next(specifier, context);
    const { url } = next(`${LIBRARY}/throttle`, context);
    return next(new URL('../dist/compat/function/throttle.mjs', url).href, context);
  },
});
