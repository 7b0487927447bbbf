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

/** Writes of boxes and wraps, which the owner of the account signs (PROTOCOL.md §3.7). */

/** Each time another own device was faster: more than an account has that write at once. */
const MAX_ATTEMPTS = 16

/** `after`: which version of the server a box follows that skips some. */
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

/** How the auth service is asked: `authorized`, or `askAuth`, which answers undefined if it does not know the session. */
type Ask = <E extends Endpoint>(
  endpoint: E,
  input: CallInput<E>,
) => Promise<CallAnswer<E> | undefined>

/** Puts a wrap in the place of that of its kind. False if the auth service does not know the session. */
export function putWrap(context: AccountContext, ask: Ask, wrap: Wrap): Promise<boolean> {
  const { kind, ciphertext } = wrap
  return writeWraps(context, ask, writtenWrap(wrap), (write) =>
    ask(chatRequests.putWrap, { params: { kind }, body: { ciphertext, write } }),
  )
}

/** Puts wraps in the place of all others. False if the auth service does not know the session. */
export function putAllWraps(
  context: AccountContext,
  ask: Ask,
  wraps: readonly Wrap[],
): Promise<boolean> {
  return writeWraps(context, ask, writtenWraps(wraps), (write) =>
    ask(chatRequests.replaceWraps, { body: { wraps: [...wraps], write } }),
  )
}

/** Removes the password, and its wrap. */
export async function putNoPassword(context: AccountContext): Promise<void> {
  const { authorized } = context
  await writeWraps(context, authorized, noPassword, (write) =>
    authorized(chatRequests.removePassword, { body: { write } }),
  )
}

/** Signs for the next version on the server, and again when another own device was faster. */
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
