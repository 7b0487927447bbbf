import { chatRequests } from '@sotto/wire'
import { codeOf } from '../../api/errors.ts'
import { loadCode } from '../../scheduling/load-code.ts'
import { singleFlight } from '../../scheduling/serial.ts'
import { put, remove } from '../../storage/record-kind.ts'
import { UPLOADS, type Upload } from '../../storage/records/account.ts'
import type { Change } from '../../storage/storage.ts'
import { successionsIn } from '../keys/own-record.ts'
import { proveUnlessProven } from '../log-in/prove-device.ts'
import type { AccountContext } from '../state/account-context.ts'
import { putAllWraps, putBox, putNoPassword, putWrap } from '../state/signed-writes.ts'
import { putFindable } from './put-findable.ts'

/**
 * Sends the remaining uploads after keys were made or opened, one by one. Each finished upload is removed from the
 * stored list, so a reload resumes where it was, and the server recognizes duplicates.
 *
 * Throws `ClientError`; `stale_version` if another device has made other keys in the meantime.
 */
export function createUploads(context: AccountContext): () => Promise<void> {
  const { storage } = context
  return singleFlight(async () => {
    let waiting = (await storage.load(UPLOADS)) ?? []
    for (let next = waiting[0]; next; next = waiting[0]) {
      await sendUpload(context, next)
      waiting = waiting.slice(1)
      await storage.write([
        waiting.length > 0 ? put(UPLOADS, waiting) : remove(UPLOADS),
        ...(await givenUpWith(context, next)),
      ])
    }
  })
}

/** Sends one upload. Throws `stale_version` if the server has another one with this version, or a newer one. */
export async function sendUpload(context: AccountContext, upload: Upload): Promise<void> {
  try {
    await send(context, upload)
  } catch (error) {
    if (codeOf(error) !== 'stale_version') throw error
    const { followOvertaken } = await loadCode(() => import('./overtaken-uploads.ts'))
    await followOvertaken(context, upload, error)
  }
}

async function send(context: AccountContext, upload: Upload): Promise<void> {
  const { state, authorized: call } = context
  switch (upload.kind) {
    case 'box':
      return putBox({ state, call }, upload.box, upload.sealed, upload.after)
    case 'user': {
      const { statement: record, picture, after } = upload
      const body = { record, picture, after, ...successionsIn(state.me().own) }
      await call(chatRequests.putUser, { body })
      return
    }
    case 'wraps':
      await putAllWraps(context, call, upload.wraps)
      return
    case 'wrap':
      await putWrap(context, call, upload.wrap)
      return
    case 'no_password':
      return sendNoPassword(context)
    case 'device': {
      const { deviceId, credential } = upload
      await call(chatRequests.putDevice, { params: { deviceId }, body: { credential } })
      return
    }
    case 'manifest': {
      const { statement: manifest, after } = upload
      const body = { manifest, ...(after !== undefined && { after }) }
      await call(chatRequests.putManifest, { body })
      return
    }
    case 'findable':
      await proveUnlessProven(context)
      await putFindable(context, upload.findable)
  }
}

/** The previous keys are no longer needed once the server has accepted the next ones. */
async function givenUpWith({ state }: AccountContext, upload: Upload): Promise<Change[]> {
  if (upload.kind !== 'user' || upload.givesUp === undefined) return []
  const { keysAsideAt } = await loadCode(() => import('../../storage/records/keys-aside.ts'))
  return [remove(keysAsideAt(state.login().accountId, upload.givesUp))]
}

/** For a person who can't receive a code, the password still logs in. It opens no keys. */
async function sendNoPassword(context: AccountContext): Promise<void> {
  await putNoPassword(context).catch((error: unknown) => {
    if (codeOf(error) !== 'channel_closed') throw error
  })
}
