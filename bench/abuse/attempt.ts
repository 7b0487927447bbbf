/** What a request came to: a status, and the code of a refusal. */
export interface Outcome {
  readonly status: number
  readonly code: string | undefined
  readonly bytes: number
}

/** Sends a request and takes a refusal for an answer. */
export async function attempt(
  origin: string,
  { method, path, token, body }: { method: string; path: string; token: string; body?: unknown },
): Promise<Outcome> {
  const answer = await fetch(`${origin}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const { code } = JSON.parse(text) as { code?: string }
  return { status: answer.status, code: answer.ok ? undefined : code, bytes: text.length }
}

/** Does something again and again until the time is over; how often it was done, and how often refused. */
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
