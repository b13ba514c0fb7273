import util from 'node:util';

// http-proxy 1.18 calls util._extend, which Node 22 and later warn about on stderr (DEP0060), in the middle of a
// terminal screen. It reads the function when it is loaded, so this module must be imported before it.
Object.assign(util, { _extend: Object.assign });
