import { i18n, type MessageDescriptor } from '@lingui/core'
import { msg, plural, t } from '@lingui/core/macro'
import type { ClientErrorCode } from '@sotto/sdk'
import { LineProblem, MAX_NAME_CHARS } from '@sotto/wire'
import type { Failure } from './failure.ts'

/** An error message: what happened, and what it means or what to do. */
export interface Words {
  readonly what: string
  readonly next: string
}

interface Messages {
  readonly what: MessageDescriptor
  readonly next: MessageDescriptor
}

/** One entry for each error code of the API and of the client. */
const messages: Record<ClientErrorCode, Messages> = {
  invalid_request: {
    what: msg`The server didn’t accept this.`,
    next: msg`Check what you entered. If it’s right, the app and the server may be different versions. Reload the page.`,
  },
  too_large: {
    what: msg`This is too large to send.`,
    next: msg`Make it smaller and try again.`,
  },
  not_found: {
    what: msg`This doesn’t exist, or doesn’t exist anymore.`,
    next: msg`Go back and check.`,
  },
  unauthenticated: {
    what: msg`You’re no longer logged in.`,
    next: msg`Log in again. Nothing is lost.`,
  },
  forbidden: {
    what: msg`The server doesn’t allow this.`,
    next: msg`Ask the people who run it.`,
  },
  rate_limited: {
    what: msg`Too many attempts in a short time.`,
    next: msg`Wait a moment, then try again.`,
  },
  unavailable: {
    what: msg`The server can’t do this right now.`,
    next: msg`Nothing was changed. Try again in a moment.`,
  },
  internal: {
    what: msg`Something went wrong.`,
    next: msg`Try again. If it keeps happening, tell the people who run this server.`,
  },
  invalid_phone: {
    what: msg`We can’t reach this phone number.`,
    next: msg`Include the country code, for example +49 151 23456789.`,
  },
  phone_not_served: {
    what: msg`This server doesn’t send codes to this number.`,
    next: msg`It may be limited to certain countries, and it may not send to premium-rate numbers. Use another number or an email address.`,
  },
  invalid_email: {
    what: msg`This isn’t an email address.`,
    next: msg`Check for a missing @ or dot.`,
  },
  channel_closed: {
    what: msg`This server doesn’t send codes this way.`,
    next: msg`Log in the other way, by phone or by email.`,
  },
  sms_used_up: {
    what: msg`This server can’t send any more texts right now.`,
    next: msg`Try again later, on a device or network where you’ve logged in before, or with an email address.`,
  },
  sign_up_closed: {
    what: msg`This server isn’t accepting new members.`,
    next: msg`If you have an account here, log in with the phone number or email address you signed up with.`,
  },
  invitation_refused: {
    what: msg`This invitation doesn’t work.`,
    next: msg`It may have expired, or it was already used or revoked. Ask for a new one.`,
  },
  invitation_not_found: {
    what: msg`This invitation no longer exists.`,
    next: msg`Reload the page.`,
  },
  not_an_invitation: {
    what: msg`This isn’t an invitation link.`,
    next: msg`Copy the whole link, down to the last character.`,
  },
  wrong_code: {
    what: msg`That’s not the code we sent.`,
    next: msg`Check it and try again. After five wrong codes, you’ll need a new one.`,
  },
  code_expired: {
    what: msg`This code was already used or has expired.`,
    next: msg`Request a new one.`,
  },
  wrong_credentials: {
    what: msg`Incorrect email or password.`,
    next: msg`Try again, or set a new password.`,
  },
  ticket_expired: {
    what: msg`Choosing the password took too long.`,
    next: msg`Start again with your email address.`,
  },
  refresh_refused: {
    what: msg`Your session is no longer valid here.`,
    next: msg`Log in again. Your keys are still in this browser.`,
  },
  account_not_found: {
    what: msg`No one found.`,
    next: msg`They may not use this server, or they may have chosen not to be found this way.`,
  },
  account_suspended: {
    what: msg`This account is suspended.`,
    next: msg`The people who run this server have blocked logins to it. Contact them. Nothing was deleted.`,
  },
  session_not_found: {
    what: msg`This session has already ended.`,
    next: msg`There’s nothing left to do.`,
  },
  stale_version: {
    what: msg`Another of your devices changed this at the same time.`,
    next: msg`Nothing was overwritten. Try again.`,
  },
  bad_signature: {
    what: msg`The server has different keys for this account.`,
    next: msg`Nothing was deleted. Log out and back in to see which keys it has.`,
  },
  device_id_taken: {
    what: msg`The server already has another device with this ID.`,
    next: msg`Log out and back in. Nothing is lost.`,
  },
  new_keys_wait: {
    what: msg`The new keys aren’t active yet.`,
    next: msg`Wait until the waiting period is over. Until then, your other devices can stop them.`,
  },
  new_keys_stopped: {
    what: msg`One of your devices stopped the new keys.`,
    next: msg`Enter your recovery code, or use that device.`,
  },
  device_not_enrolled: {
    what: msg`The server doesn’t recognize this browser as one of your devices.`,
    next: msg`Log out and back in.`,
  },
  device_not_proven: {
    what: msg`This browser hasn’t been unlocked yet.`,
    next: msg`Unlock it with your recovery code or password. Until then, it can’t read or change anything.`,
  },
  directory_closed: {
    what: msg`This server has no public list of members.`,
    next: msg`Enter a full name, phone number, or email address.`,
  },
  conversation_not_found: {
    what: msg`The server doesn’t have this conversation.`,
    next: msg`If the other person’s account was removed, you can’t send anything else here. Messages on this device stay.`,
  },
  conversation_exists: {
    what: msg`This conversation already exists.`,
    next: msg`It’s in your list.`,
  },
  conversation_closed: {
    what: msg`This conversation isn’t accepting messages.`,
    next: msg`The other person isn’t accepting messages here right now.`,
  },
  request_pending: {
    what: msg`They haven’t answered yet.`,
    next: msg`You can send more once they accept.`,
  },
  protocol_not_supported: {
    what: msg`This server doesn’t offer that protocol.`,
    next: msg`Choose another one.`,
  },
  participants_not_supported: {
    what: msg`This protocol works between two people.`,
    next: msg`Choose one person.`,
  },
  envelope_id_taken: {
    what: msg`This message was already sent.`,
    next: msg`Discard it and write it again.`,
  },
  quota_exceeded: {
    what: msg`You’ve used all your storage on this server.`,
    next: msg`Nothing is lost. It stays on this device. The people who run the server can give you more storage.`,
  },
  too_many: {
    what: msg`There are too many of these.`,
    next: msg`Remove one you no longer need.`,
  },
  offline: {
    what: msg`Can’t connect to the server.`,
    next: msg`Check your connection and try again.`,
  },
  name_empty: {
    what: msg`A name needs at least one letter.`,
    next: msg`Enter the name you want others to see.`,
  },
  name_too_long: {
    what: msg`This name is too long.`,
    next: msg`A name can have up to 64 characters.`,
  },
  name_characters: {
    what: msg`This name contains a character that isn’t allowed.`,
    next: msg`Letters of any language, digits, spaces, punctuation, and emoji are fine.`,
  },
  name_badge: {
    what: msg`This name looks as if it had been verified.`,
    next: msg`Leave out check marks, shields, locks, medals, circled letters, and the word “verified.” They could mislead others.`,
  },
  weak_password: {
    what: msg`This password is too easy to guess.`,
    next: msg`Choose another one, without your name or address. Four unrelated words make a good password that’s easy to remember.`,
  },
  no_web_assembly: {
    what: msg`This browser doesn’t run WebAssembly, which passwords need.`,
    next: msg`It may be turned off, as in Lockdown Mode on Apple devices. Allow it for this site, use another browser, or log in by phone.`,
  },
  wrong_passphrase: {
    what: msg`This passphrase doesn’t open the file.`,
    next: msg`It’s the one you chose when you saved the file.`,
  },
  not_a_private_key: {
    what: msg`This file doesn’t contain an RSA private key.`,
    next: msg`Choose the .pem file you saved from Sotto.`,
  },
  recovery_code_mismatch: {
    what: msg`Those characters don’t match.`,
    next: msg`Show the code again and compare this group.`,
  },
  recovery_code_wrong: {
    what: msg`This code doesn’t open your keys.`,
    next: msg`It has no typos, so it belongs to another account or has been replaced by a newer code. Nothing was deleted.`,
  },
  wrap_damaged: {
    what: msg`The server’s data for your recovery code is damaged or out of date.`,
    next: msg`Your code isn’t the problem. Keep it, don’t start with new keys yet, and contact the people who run this server.`,
  },
  other_account: {
    what: msg`This browser has another account.`,
    next: msg`Nothing was changed. Use another browser or profile, or erase the other account’s data.`,
  },
  invalid_input: {
    what: msg`This can’t be sent.`,
    next: msg`No Sotto server accepts it in this form. Reload the page. If it keeps happening, tell the people who run this server.`,
  },
  invalid_name: {
    what: msg`This name can’t be used.`,
    next: msg`Use letters, digits, and common punctuation.`,
  },
  invalid_picture: {
    what: msg`This picture can’t be used.`,
    next: msg`Choose a PNG, JPEG, or WebP picture.`,
  },
  broken_text: {
    what: msg`This text contains a broken character.`,
    next: msg`It’s half of a character and shows as “�” or an empty box. Delete it and send again.`,
  },
  text_too_long: {
    what: msg`This text is too long.`,
    next: msg`A message can have up to 64 KB. Send it in parts.`,
  },
  empty_text: {
    what: msg`There’s nothing to send.`,
    next: msg`Write something first.`,
  },
  key_changed: {
    what: msg`This person’s key has changed.`,
    next: msg`Nothing is sent until you’ve reviewed it.`,
  },
  no_rsa_key: {
    what: msg`One of you has no RSA key.`,
    next: msg`Use “ecdh” or create an RSA key in Settings and ask the other person to do the same.`,
  },
  storage_blocked: {
    what: msg`This browser doesn’t store data for this page.`,
    next: msg`Cookies and site data are blocked, or this is a private window that stores none. Allow site data for this site, or use a regular window. Then reload the page.`,
  },
  storage_full: {
    what: msg`This device is out of space.`,
    next: msg`No stored data is lost. Free up disk space or clear other sites’ data, then try again.`,
  },
  storage_newer: {
    what: msg`This browser has used a newer version of Sotto.`,
    next: msg`Reload the page to update. If that doesn’t help, the server has gone back to an older version. Nothing is lost. Tell the people who run it.`,
  },
  storage_cleared: {
    what: msg`Sotto’s data in this browser was deleted.`,
    next: msg`You, someone else, or the browser cleared this site’s data. Copy what you’re writing, reload the page, and log in. Your recovery code brings your messages back.`,
  },
  keys_not_kept: {
    what: msg`This browser can’t store private keys here.`,
    next: msg`Some browsers don’t store them in private windows. Use a regular window or another browser.`,
  },
  storage_failed: {
    what: msg`This browser’s storage isn’t working.`,
    next: msg`The disk may be full or damaged. Close other Sotto tabs and reload the page. If that doesn’t help, restart the browser. Nothing was sent or deleted.`,
  },
  untrusted_answer: {
    what: msg`The server answered with keys that aren’t right.`,
    next: msg`Nothing was sent. Someone may be tampering with the server. Don’t write anything secret until this is resolved.`,
  },
}

/** The resource that is full, if the server says so; a message is refused for its bytes, without details. */
const quotaMessages: Readonly<Record<string, Messages>> = {
  conversations: {
    what: msg`You’ve started as many conversations as this server allows.`,
    next: msg`Others can still start one with you. The people who run the server can allow more.`,
  },
  devices: {
    what: msg`You have as many devices as this server allows.`,
    next: msg`Devices you removed count, too. Use one where you’ve logged in before, or ask the people who run the server.`,
  },
}

const nameWords: Record<LineProblem, (character: string) => Words> = {
  empty: () => ({ what: t`This name is empty.`, next: t`Type at least one letter.` }),
  too_long: () => ({
    what: t`This name is too long.`,
    next: t`A name can have up to ${MAX_NAME_CHARS} characters.`,
  }),
  broken_character: () => ({
    what: t`This name contains a broken character.`,
    next: t`It’s half of a character and shows as “�” or an empty box. Delete it.`,
  }),
  hidden_character: (character) => ({
    what: t`This name contains a hidden character (${character}).`,
    next: t`It was copied along with the name. Delete the name and type it instead of pasting it.`,
  }),
  blanks_around: () => ({
    what: t`This name begins or ends with a space.`,
    next: t`Delete the space.`,
  }),
  invisible: () => ({
    what: t`No part of this name is visible.`,
    next: t`Use at least one letter or digit.`,
  }),
}

/** The problem with a name; null if it can be used. */
function nameProblem(failure: Failure): Words | null {
  const problem = LineProblem.safeParse(failure.details?.problem)
  if (failure.code !== 'invalid_name' || !problem.success) return null
  return nameWords[problem.data](String(failure.details?.character ?? ''))
}

/** The message for a failure, including details such as the time to wait or the problem with a name. */
export function wordsFor(failure: Failure): Words {
  const { code, details } = failure
  const ofQuota = code === 'quota_exceeded' ? quotaMessages[`${details?.quota}`] : undefined
  const { what, next } =
    nameProblem(failure) ?? inLanguage(ofQuota ?? messages[code] ?? messages.internal)
  if (details?.mistyped) {
    return {
      what,
      next: t`A character is missing or mistyped. Compare it with your copy, group by group.`,
    }
  }
  const seconds = details?.retryAfterSeconds
  if (typeof seconds !== 'number') return { what, next }
  return { what, next: tryAgainIn(seconds) }
}

const inLanguage = ({ what, next }: Messages): Words => ({ what: i18n._(what), next: i18n._(next) })

function tryAgainIn(seconds: number): string {
  if (seconds < 90) {
    const count = Math.ceil(seconds)
    return plural(count, { one: 'Try again in # second.', other: 'Try again in # seconds.' })
  }
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 90) {
    return plural(minutes, { one: 'Try again in # minute.', other: 'Try again in # minutes.' })
  }
  const hours = Math.ceil(minutes / 60)
  return plural(hours, { one: 'Try again in # hour.', other: 'Try again in # hours.' })
}
