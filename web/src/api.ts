// The way to the server: JSON, streams of events, and what went wrong in its own words.

export interface Complaint {
  pointer: string;
  detail: string;
}

// A problem document (RFC 9457), or what stands in for one when the server could not be reached.
export class Problem extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly errors: Complaint[] = [],
    readonly retryAfter?: string,
  ) {
    super(message);
  }
  // What is said about this member of the request; undefined when nothing is.
  about(pointer: string): string | undefined {
    return this.errors.find((error) => error.pointer === pointer)?.detail;
  }
}

const kKeyName = 'odordiff-api-key';
let askForKey: (refused: boolean) => Promise<void> = () => Promise.reject(new Error('nobody to ask'));

// Who asks the reader for a key when the server wants one; resolves when there is one to try.
export function onKeyWanted(ask: (refused: boolean) => Promise<void>): void {
  askForKey = ask;
}

export function apiKey(): string {
  return sessionStorage.getItem(kKeyName) ?? '';
}

export function setApiKey(key: string): void {
  if (key) sessionStorage.setItem(kKeyName, key);
  else sessionStorage.removeItem(kKeyName);
}

async function problemOf(response: Response): Promise<Problem> {
  let document: { detail?: string; title?: string; errors?: Complaint[] } = {};
  try {
    document = await response.json();
  } catch {
    // A proxy's page, say: the status has to do.
  }
  const retry = response.headers.get('Retry-After') ?? undefined;
  const message = document.detail ?? document.title ?? `the server answered ${response.status} ${response.statusText}`;
  return new Problem(message, response.status, document.errors ?? [], retry);
}

export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  for (let tries = 0; ; ++tries) {
    const key = apiKey();
    const headers = new Headers(init.headers);
    if (key) headers.set('Authorization', `Bearer ${key}`);
    let response: Response;
    try {
      response = await fetch(path, { ...init, headers });
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      throw new Problem('The server cannot be reached. Is it still running?', 0);
    }
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (problem.status !== 401 || tries >= 5) throw problem;
    await askForKey(key !== '').catch(() => {
      throw problem;
    });
  }
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await ask(path, { signal, headers: { Accept: 'application/json' } })).json();
}

export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  return (await ask(path, { signal })).text();
}

function posted(body: unknown, accept: string, signal?: AbortSignal): RequestInit {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: accept },
    body: JSON.stringify(body),
    signal,
  };
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return (await ask(path, posted(body, 'application/json', signal))).json();
}

export interface ServerEvent {
  id?: string;
  event: string;
  data: any;
}

// Server-sent events of a POST. An `error` event is thrown as the Problem that it holds.
export async function* stream(path: string, body: unknown, signal?: AbortSignal): AsyncGenerator<ServerEvent> {
  yield* eventsOf(await ask(path, posted(body, 'text/event-stream', signal)));
}

// Those of a GET, behind the event with this id.
export async function* follow(path: string, lastId: string, signal?: AbortSignal): AsyncGenerator<ServerEvent> {
  yield* eventsOf(await ask(path, { signal, headers: { Accept: 'text/event-stream', 'Last-Event-ID': lastId } }));
}

async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: Error) => {
        throw error.name === 'AbortError' ? error : new Problem('The connection to the server was lost.', 0);
      });
      if (done) return;
      text += value;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const event = parseEvent(text.slice(0, end));
        text = text.slice(end + 2);
        if (!event) continue;
        if (event.event === 'error') {
          const { detail, title, status, errors } = event.data;
          throw new Problem(detail ?? title, status ?? 500, errors ?? []);
        }
        yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function parseEvent(block: string): ServerEvent | undefined {
  let event = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) event = line.slice(6).trim();
    else if (line.startsWith('id:')) id = line.slice(3).trim();
    else if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
  }
  return data.length > 0 ? { id, event, data: JSON.parse(data.join('\n')) } : undefined;
}

export const molecule = (smiles: string, rest = ''): string => `/v1/molecules/${encodeURIComponent(smiles)}${rest}`;

// What to tell the reader.
export function inWords(error: unknown): string {
  if (error instanceof Problem) {
    const wait = error.retryAfter ? ` Try again in ${error.retryAfter} s.` : '';
    return error.message.charAt(0).toUpperCase() + error.message.slice(1) + (/[.!?]$/.test(error.message) ? '' : '.') + wait;
  }
  return `Something in this page went wrong: ${(error as Error).message}`;
}
