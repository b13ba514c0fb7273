import 'ws';

// Parts of ws 8 that it exports and that its published types leave out.
declare module 'ws' {
  /** Header parameters as `extension.parse` gives them: each name with all its values. */
  export type ExtensionParams = Record<string, (string | true)[]>;

  export const extension: {
    /** Parses a Sec-WebSocket-Extensions header; throws SyntaxError. */
    parse(header: string): Record<string, ExtensionParams[]>;
  };

  export class PerMessageDeflate {
    static readonly extensionName: 'permessage-deflate';
    constructor(options?: { isServer?: boolean; maxPayload?: number; threshold?: number });
    params: Record<string, true | number> | null;
    /** Checks and takes over what was negotiated; throws on parameters it does not know. */
    accept(configurations: ExtensionParams[]): Record<string, true | number>;
    /** One at a time per instance. */
    decompress(data: Uint8Array, fin: boolean, done: (error: Error | null, data?: Buffer) => void): void;
    compress(data: Uint8Array, fin: boolean, done: (error: Error | null, data?: Buffer) => void): void;
    cleanup(): void;
  }

  export const Sender: {
    /** Header (and payload) of one frame, ready to write (RFC 6455 §5.2). */
    frame(
      data: Uint8Array,
      options: { fin: boolean; mask: boolean; opcode: number; readOnly: boolean; rsv1: boolean },
    ): Buffer[];
  };
}
