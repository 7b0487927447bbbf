import { chatRequests } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { codeOf } from './errors.ts'
import type { Call } from './http.ts'
import { singleFlight } from './serial.ts'
import { putAllWraps, putBox, putWrap } from './signed-writes.ts'
import { load, put, remove, UPLOADS, type Upload } from './stored.ts'

/**
 * Sends what making or opening keys left to be sent, one thing after the other. What is sent is taken
 * off the list in storage: after a reload it goes on where it was, and what was sent twice is recognised.
 *
 * Throws `ClientError`; `stale_version` when another device has made other keys in the meantime.
 */
export function createUploads(context: AccountContext): () => Promise<void> {
  const { storage } = context
  return singleFlight(async () => {
    let waiting = (await load(storage, UPLOADS)) ?? []
    for (let next = waiting[0]; next; next = waiting[0]) {
      await sendUpload(context, next)
      waiting = waiting.slice(1)
      await storage.write([waiting.length > 0 ? put(UPLOADS, waiting) : remove(UPLOADS)])
    }
  })
}

/** Sends one thing; `stale_version` when the server has another of this version, or a newer one. */
export async function sendUpload(context: AccountContext, upload: Upload): Promise<void> {
  const { authorized: call } = context
  switch (upload.kind) {
    case 'box':
      return sendBox(context, upload)
    case 'user':
      return sendUser(call, upload)
    case 'wraps':
      await putAllWraps(context, call, upload.wraps)
      return
    case 'wrap':
      await putWrap(context, call, upload.wrap)
      return
    case 'device': {
      const { deviceId, credential } = upload
      await call(chatRequests.putDevice, { params: { deviceId }, body: { credential } })
      return
    }
    case 'manifest':
      return sendManifest(call, upload)
  }
}

async function sendBox(
  { state, authorized: call }: AccountContext,
  { box, sealed, after }: Extract<Upload, { kind: 'box' }>,
) {
  const isThere = async () => {
    const stored = (await call(chatRequests.getBox, { params: { box } })).box
    return stored?.version === sealed.version && stored.ciphertext === sealed.ciphertext
  }
  await unlessSent(putBox({ state, call }, box, sealed, after), isThere)
}

async function sendUser(call: Call, upload: Extract<Upload, { kind: 'user' }>) {
  const { statement, picture, after } = upload
  const body = { record: statement, picture, after }
  const isThere = async () => {
    const { account } = await call(chatRequests.ownUser, {})
    return account?.record === statement
  }
  await unlessSent(call(chatRequests.putUser, { body }), isThere)
}

async function sendManifest(call: Call, upload: Extract<Upload, { kind: 'manifest' }>) {
  const { statement: manifest, after } = upload
  const body = { manifest, ...(after !== undefined && { after }) }
  const isThere = async () => (await call(chatRequests.getManifest, {})).manifest === manifest
  await unlessSent(call(chatRequests.putManifest, { body }), isThere)
}

/** A version that is taken is fine if it is this very one: the answer to an earlier attempt got lost. */
async function unlessSent(sent: Promise<unknown>, isThere: () => Promise<boolean>) {
  try {
    await sent
  } catch (error) {
    if (codeOf(error) === 'stale_version' && (await isThere())) return
    throw error
  }
}
