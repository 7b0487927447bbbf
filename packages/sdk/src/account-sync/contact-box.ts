import { openContacts, sealContacts } from '@sotto/crypto'
import { chatRequests } from '@sotto/wire'
import { unlessOfFormerKeys } from '../account/keys/own-keys.ts'
import type { AccountState } from '../account/state/account-state.ts'
import { versionAfter } from '../account/state/own-answers.ts'
import { putBox } from '../account/state/signed-writes.ts'
import { ClientError } from '../api/errors.ts'
import type { Contacts } from '../contacts/contacts.ts'
import { pinsOf } from '../contacts/pins/contact-pins.ts'
import { againIfStale } from '../scheduling/retrying.ts'
import { createSerial } from '../scheduling/serial.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { Call } from '../transport/http.ts'

/** Keeps the pins on all devices of this account in sync through the sealed `contacts` box. */
export interface ContactBox {
  /** Reads the box, and writes the next version if this device knows more. */
  sync(): Promise<void>
  /**
   * Merges the box of a restored server with what this device knows, and writes the next version if the server lacks
   * any of it.
   */
  restore(): Promise<void>
}

/** `onWritten` is called after this device has written a version. */
export function createContactBox(
  state: AccountState,
  contacts: Contacts,
  call: Call,
  onWritten: () => void,
): ContactBox {
  const inTurn = createSerial()

  const pull = async () => {
    const { accountId, own } = state.me()
    const { box } = await call(chatRequests.getBox, { params: { box: 'contacts' } })
    const seen = own.boxVersions.contacts
    const least = Math.max(seen, own.manifest.boxes.contacts)
    if (!box || box.version < least) throw new ClientError('untrusted_answer')
    if (box.version === seen) return
    const rootSecret = await state.rootSecret()
    await contacts.adoptPins(await open(rootSecret, accountId, box))
    await rememberVersion(state, box.version)
  }

  const push = async (after?: number) => {
    if (findDirty(contacts).length > 0) await write(after)
  }

  /** `after` is the version to replace, if it isn't the one known here. */
  const write = async (after?: number) => {
    const { accountId, own } = state.me()
    const dirty = findDirty(contacts)
    const version = versionAfter(own.boxVersions.contacts, own.manifest.boxes.contacts, after ?? 0)
    const pins = pinsOf([...contacts.all()])
    const body = await sealContacts(await state.rootSecret(), accountId, version, pins)
    await putBox({ state, call }, 'contacts', body, after)
    await rememberVersion(state, version)
    onWritten()
    for (const sent of dirty) {
      // A contact that changed in the meantime stays dirty.
      if (contacts.get(sent.accountId) !== sent) continue
      await contacts.update(sent.accountId, { dirty: false, isDecidedHere: false })
    }
  }

  const sync = async () => {
    await pull()
    await push()
  }

  const restore = async () => {
    const { accountId, own } = state.me()
    const { box } = await call(chatRequests.getBox, { params: { box: 'contacts' } })
    const opening = box && open(await state.rootSecret(), accountId, box)
    const pins = await unlessOfFormerKeys(own, opening)
    // Another device of this account may have written it, so accept any version.
    if (pins) await contacts.joinPins(pins)
    const isOlder = !box || box.version < own.boxVersions.contacts
    if (isOlder || !pins) return write(box?.version ?? 0)
    await rememberVersion(state, box.version)
    await push(box.version)
  }
  return {
    sync: () => inTurn(() => againIfStale(sync)),
    restore: () => inTurn(() => againIfStale(restore)),
  }
}

function findDirty(contacts: Contacts): ContactRecord[] {
  return [...contacts.all()].filter(({ dirty }) => dirty)
}

async function open(...box: Parameters<typeof openContacts>) {
  try {
    return await openContacts(...box)
  } catch (cause) {
    // It's sealed under another root secret: either the account has new keys, or the server made it up.
    throw new ClientError('untrusted_answer', undefined, { cause })
  }
}

async function rememberVersion(state: AccountState, contacts: number): Promise<void> {
  await state.updateOwn((own) => ({ ...own, boxVersions: { ...own.boxVersions, contacts } }))
}
