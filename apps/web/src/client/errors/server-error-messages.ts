import { msg } from '@lingui/core/macro'
import type { ErrorCode } from '@sotto/wire'
import type { Messages } from './words.ts'

/** One entry for each error code of the server's API. */
export const serverErrorMessages: Record<ErrorCode, Messages> = {
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
}

/** The resource that is full, if the server says so; a message is refused for its bytes, without details. */
export const quotaMessages: Readonly<Record<string, Messages>> = {
  conversations: {
    what: msg`You’ve started as many conversations as this server allows.`,
    next: msg`Others can still start one with you. The people who run the server can allow more.`,
  },
  devices: {
    what: msg`You have as many devices as this server allows.`,
    next: msg`Devices you removed count, too. Use one where you’ve logged in before, or ask the people who run the server.`,
  },
}
