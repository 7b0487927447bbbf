import { signWritten } from '@sotto/crypto'
import {
  authRequests,
  type BoxName,
  chatRequests,
  type Endpoint,
  noPassword,
  type SealedBox,
  type Wrap,
  type Written,
  writtenBox,
  writtenWrap,
  writtenWraps,
} from '@sotto/wire'
import { ClientError, codeOf } from '../../api/errors.ts'
import type { Call, CallAnswer, CallInput } from '../../transport/http.ts'
import type { AccountContext } from './account-context.ts'
import type { AccountState } from './account-state.ts'
import { versionAfter } from './own-answers.ts'

/** Writes boxes and wraps, signed by the account's owner (PROTOCOL.md §3.7). */

/**
 * Each attempt fails only if another device of the account was faster, and no account has this many writing at a time.
 */
const MAX_ATTEMPTS = 16

/** `after` is the server's version that a box follows if it skips some. */
export async function putBox(
  { state, call }: { readonly state: AccountState; readonly call: Call },
  box: BoxName,
  sealed: SealedBox,
  after?: number,
): Promise<void> {
  const { accountId, keys } = state.me()
  const write = await signWritten(keys.identity, accountId, writtenBox(box, sealed), sealed.version)
  const isNext = after === undefined || after + 1 === sealed.version
  const body = { ...sealed, write, ...(!isNext && { after }) }
  await call(chatRequests.putBox, { params: { box }, body })
}

/** How to call the auth service: `authorized`, or `askAuth`, which returns undefined if it doesn't know the session. */
type Ask = <E extends Endpoint>(
  endpoint: E,
  input: CallInput<E>,
) => Promise<CallAnswer<E> | undefined>

/** Replaces the wrap of the same kind. Returns false if the auth service doesn't know the session. */
export function putWrap(context: AccountContext, ask: Ask, wrap: Wrap): Promise<boolean> {
  const { kind, ciphertext } = wrap
  return writeWraps(context, ask, writtenWrap(wrap), (write) =>
    ask(chatRequests.putWrap, { params: { kind }, body: { ciphertext, write } }),
  )
}

/** Replaces all wraps with these. Returns false if the auth service doesn't know the session. */
export function putAllWraps(
  context: AccountContext,
  ask: Ask,
  wraps: readonly Wrap[],
): Promise<boolean> {
  return writeWraps(context, ask, writtenWraps(wraps), (write) =>
    ask(chatRequests.replaceWraps, { body: { wraps: [...wraps], write } }),
  )
}

/** Removes the password and its wrap. */
export async function putNoPassword(context: AccountContext): Promise<void> {
  const { authorized } = context
  await writeWraps(context, authorized, noPassword, (write) =>
    authorized(chatRequests.removePassword, { body: { write } }),
  )
}

/** Signs a write for the server's next version, and retries if another device of the account was faster. */
async function writeWraps(
  { state, seenWraps }: AccountContext,
  ask: Ask,
  written: Written,
  send: (write: string) => Promise<unknown>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const listed = await ask(authRequests.listWraps, {})
    if (!listed) return false
    seenWraps.add(listed.wraps)
    const { accountId, keys } = state.me()
    const version = versionAfter(listed.version)
    try {
      return (
        (await send(await signWritten(keys.identity, accountId, written, version))) !== undefined
      )
    } catch (cause) {
      if (codeOf(cause) !== 'stale_version') throw cause
      if (attempt === MAX_ATTEMPTS) throw new ClientError('unavailable', undefined, { cause })
    }
  }
}
