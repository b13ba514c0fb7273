/**
 * Imported before React: its development build is slower, and its timing entries grow with each render.
 * Who wants that build for debugging sets NODE_ENV himself.
 */
process.env.NODE_ENV ??= 'production';
