const ANSWER_WITHIN_MS = 10_000

/** A gateway did not accept a code. */
class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly status: number

  constructor(status: number) {
    super(`the gateway answered ${status}`)
    this.status = status
  }
}

/** Posts to a gateway. Rejects unless it answers with success. Follows no redirects. */
export async function postToGateway(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new GatewayError(answer.status)
}
