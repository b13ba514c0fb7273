import { registerHooks } from 'node:module';

/**
 * Imported before React: its development build is slower, and its timing entries grow with each render.
 * Who wants that build for debugging sets NODE_ENV himself.
 */
process.env.NODE_ENV ??= 'production';

/** Ink takes one function out of this library of 300 modules; to load them all would be a third of its start. */
const LIBRARY = 'es-toolkit/compat';

/** Ink's layout unpacks its own text with `fetch` where there is one, which would load a whole HTTP client first. */
const LAYOUT = /\/yoga-wasm-base64-esm\.js$/;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== LIBRARY) return next(specifier, context);
    const { url } = next(`${LIBRARY}/throttle`, context);
    return next(new URL('../dist/compat/function/throttle.mjs', url).href, context);
  },
  load(url, context, next) {
    const loaded = next(url, context);
    return LAYOUT.test(url)
      ? { ...loaded, source: `const fetch = undefined;${String(loaded.source)}` }
      : loaded;
  },
});
