import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

const CHROMIUM = '/usr/bin/chromium';

/** Whether a Chromium is here to test pages with. */
export const hasBrowser = existsSync(CHROMIUM);

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ...['--remote-debugging-port=0', '--window-size=1280,900'],
];

/** A page in a headless Chromium, driven through its DevTools protocol. */
export interface Page {
  /** Opens an address; resolves when it has loaded. */
  open(url: string): Promise<void>;
  /** Value of an expression in the page, as JSON. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Presses a key, such as `n`, `Enter` or `Escape`. */
  press(key: string): Promise<void>;
  /** A PNG of what is to be seen. */
  screenshot(): Promise<Buffer>;
  /** Pretends the system's theme. */
  theme(scheme: 'light' | 'dark'): Promise<void>;
  /** Console errors, exceptions and violations of the page's own policy so far. */
  errors: string[];
  /** Addresses that the page asked for so far, itself included. */
  requests: string[];
  close(): Promise<void>;
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** Starts Chromium with a new profile in this folder. */
export async function startBrowser(profile: string): Promise<Page> {
  const child = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const socket = new WebSocket(await debuggerUrl(child.stderr));
  await once(socket, 'open');
  const tools = new DevTools(socket);
  const { targetId } = await tools.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await tools.send('Target.attachToTarget', { targetId, flatten: true });
  tools.sessionId = String(sessionId);
  const [errors, requests] = watch(tools);
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await tools.send(`${domain}.enable`);
  const page: Page = {
    errors,
    requests,
    open: async (url) => {
      const loaded = tools.next('Page.loadEventFired');
      await tools.send('Page.navigate', { url });
      await loaded;
    },
    evaluate: async <Value>(expression: string) => {
      const answer = await tools.send('Runtime.evaluate', {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails));
      return (answer.result as { value: Value }).value;
    },
    press: async (key) => {
      const text = key === 'Enter' ? { text: '\r' } : key.length === 1 ? { text: key } : {};
      const code = key === 'Enter' ? { windowsVirtualKeyCode: 13 } : {};
      await tools.send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...text, ...code });
      await tools.send('Input.dispatchKeyEvent', { type: 'keyUp', key, ...code });
    },
    screenshot: async () => {
      const { data } = await tools.send('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(String(data), 'base64');
    },
    theme: async (value) => {
      await tools.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
    },
    close: async () => {
      const ended = once(child, 'exit');
      tools.sessionId = undefined;
      await tools.send('Browser.close');
      await ended;
    },
  };
  return page;
}

/** The address that Chromium prints when it is ready. */
async function debuggerUrl(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const url = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      stderr.resume();
      return url;
    }
  }
  throw new Error('Chromium ended before it listened.');
}

function watch(tools: DevTools): [errors: string[], requests: string[]] {
  const errors: string[] = [];
  const requests: string[] = [];
  tools.onEvent = (method, params) => {
    if (method === 'Runtime.exceptionThrown') errors.push(JSON.stringify(params.exceptionDetails));
    if (method === 'Runtime.consoleAPICalled') errors.push(JSON.stringify(params.args));
    if (method === 'Log.entryAdded') errors.push(JSON.stringify(params.entry));
    if (method === 'Network.requestWillBeSent') requests.push((params.request as { url: string }).url);
  };
  return [errors, requests];
}

class DevTools {
  sessionId: string | undefined;
  onEvent: (method: string, params: Record<string, unknown>) => void = () => {};
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #events = new Map<string, () => void>();
  #lastId = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#receive(JSON.parse(String(data))));
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params, sessionId: this.sessionId }));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
    });
  }

  /** Resolves with the next event of this name. */
  next(method: string): Promise<void> {
    return new Promise((resolve) => this.#events.set(method, resolve));
  }

  #receive(message: Message): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    } else if (message.method !== undefined) {
      this.onEvent(message.method, message.params ?? {});
      this.#events.get(message.method)?.();
    }
  }
}
