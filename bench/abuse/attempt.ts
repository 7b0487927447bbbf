/** The outcome of a request: a status, and the code of a refusal. */
export interface Outcome {
  readonly status: number
  readonly code: string | undefined
  /** For a temporary refusal. */
  readonly retryAfterSeconds: number
  readonly body: unknown
  readonly bytes: number
}

/** Sends a request and returns refusals as an outcome. */
export async function attempt(
  origin: string,
  request: {
    method: string
    path: string
    token?: string
    body?: unknown
    /** The address that it pretends to come from. The server must trust this machine as a proxy. */
    from?: string
  },
): Promise<Outcome> {
  const { method, path, token, body, from } = request
  const answer = await fetch(`${origin}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(from !== undefined && { 'x-forwarded-for': from }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const parsed = JSON.parse(text) as { code?: string; details?: { retryAfterSeconds?: number } }
  return {
    status: answer.status,
    code: answer.ok ? undefined : parsed.code,
    retryAfterSeconds: parsed.details?.retryAfterSeconds ?? 0,
    body: parsed,
    bytes: text.length,
  }
}

/**
 * Repeats an action until the time is over; returns how often it was done, and how often refused.
 */
export async function repeat(
  seconds: number,
  act: (n: number) => Promise<Outcome>,
): Promise<{ done: number; refused: number; perSecond: number }> {
  const begun = performance.now()
  let done = 0
  let refused = 0
  while (performance.now() - begun < seconds * 1000) {
    const { status } = await act(done)
    if (status === 200) done += 1
    else refused += 1
  }
  return { done, refused, perSecond: done / ((performance.now() - begun) / 1000) }
}
