/** As many connections as browsers keep to one server over HTTP/1.1. */
const POOL = 6
/** A live connection answers sooner, or isn't worth keeping. */
const ANSWERS_WITHIN_MS = 3_000
/** Public, small, and available on every server. */
const ASKED = '/.well-known/jwks.json'

type Fetch = typeof globalThis.fetch

/**
 * The browser's `fetch`, for a network that comes and goes. A browser keeps connections and assumes that they work
 * until they fail: after a network change, request after request would pick another dead one and wait for it.
 *
 * Once something suggests that the route to the server may have changed (`suspect`), all of them are probed at the same
 * time, and those that don't answer are aborted, which closes them. Reads don't wait for that: they are sent a second
 * time on a connection that the browser keeps separately, because it carries no cookies.
 */
export class FreshFetch {
  readonly #fetch: Fetch
  readonly #underWay = new Set<AbortController>()
  #isSuspect = false
  #asking: Promise<void> | undefined

  constructor(fetch: Fetch) {
    this.#fetch = fetch
  }

  /** Open connections may be dead. Requests in flight get a little more time. */
  readonly suspect = (): void => {
    this.#isSuspect = true
    const before = [...this.#underWay]
    setTimeout(() => {
      for (const request of before) request.abort()
    }, ANSWERS_WITHIN_MS)
  }

  readonly fetch: Fetch = async (input, init = {}) => {
    const asking = this.#askFirst(new URL(String(input)))
    try {
      if (asking && init.method === 'GET') return await this.#race(asking, input, init)
      await asking
      return await this.#send(input, init)
    } catch (error) {
      // If this request went unanswered, others may, too.
      if (init.signal?.aborted) this.#isSuspect = true
      throw error
    }
  }

  async #race(
    asking: Promise<void>,
    input: Parameters<Fetch>[0],
    init: RequestInit,
  ): Promise<Response> {
    const race = new AbortController()
    const unfollow = follow(init.signal, race)
    const options = { ...init, signal: race.signal }
    const apart = this.#send(input, { ...options, credentials: 'omit' }).then(onlyIfFine)
    const usual = asking.then(() => this.#send(input, options))
    try {
      return await Promise.any([apart, usual])
    } finally {
      unfollow()
      race.abort()
    }
  }

  /** The probe to wait for; undefined while nothing is suspect. */
  #askFirst(url: URL): Promise<void> | undefined {
    if (!this.#isSuspect) return this.#asking
    this.#isSuspect = false
    this.#asking ??= this.#askAll(new URL(ASKED, url)).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #askAll(url: URL): Promise<void> {
    const giveUp = new AbortController()
    const timer = setTimeout(() => giveUp.abort(), ANSWERS_WITHIN_MS)
    const asked = Array.from({ length: POOL }, async () => {
      const answer = await this.#fetch(url, { cache: 'no-store', signal: giveUp.signal })
      await answer.arrayBuffer()
    })
    await Promise.allSettled(asked)
    clearTimeout(timer)
  }

  async #send(input: Parameters<Fetch>[0], init: RequestInit): Promise<Response> {
    const request = new AbortController()
    const unfollow = follow(init.signal, request)
    this.#underWay.add(request)
    try {
      const response = await this.#fetch(input, { ...init, signal: request.signal })
      // Read here, so that the request counts as in flight until the last byte.
      return new Response(await bodyOf(response), response)
    } finally {
      this.#underWay.delete(request)
      unfollow()
    }
  }
}

/** Aborts with `signal`, like `AbortSignal.any` where available. */
function follow(signal: AbortSignal | null | undefined, controller: AbortController): () => void {
  const abort = () => controller.abort(signal?.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  return () => signal?.removeEventListener('abort', abort)
}

/** A proxy in front of the server may reject requests without cookies; then the usual route counts. */
function onlyIfFine(response: Response): Response {
  if (!response.ok) throw new Error('not without cookies')
  return response
}

/** A `Response` accepts no body for these, not even an empty one. */
async function bodyOf(response: Response): Promise<ArrayBuffer | null> {
  const body = await response.arrayBuffer()
  return body.byteLength > 0 ? body : null
}
