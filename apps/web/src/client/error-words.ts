import type { ClientErrorCode } from '@sotto/sdk'
import { LineProblem, MAX_NAME_CHARS } from '@sotto/wire'
import type { Failure } from './failure.ts'

/** What to say: what happened, and what it means or what to do. */
export interface Words {
  readonly what: string
  readonly next: string
}

const words: Record<ClientErrorCode, Words> = {
  invalid_request: {
    what: 'The server did not accept this.',
    next: 'Look at what you typed. If it is right, this app and its server may not be of the same version: load the page again.',
  },
  too_large: { what: 'This is too large to send.', next: 'Make it smaller and try again.' },
  not_found: { what: 'This does not exist (any more).', next: 'Go back and look again.' },
  unauthenticated: {
    what: 'You are not logged in any more.',
    next: 'Log in again. Nothing is lost.',
  },
  forbidden: { what: 'The server does not allow this.', next: 'Ask whoever runs it.' },
  rate_limited: {
    what: 'That was too often in a short time.',
    next: 'Wait a little, then try again.',
  },
  unavailable: {
    what: 'The server cannot do this right now.',
    next: 'Nothing was changed. Try again in a moment.',
  },
  internal: {
    what: 'Something went wrong that should not.',
    next: 'Try again. If it stays, tell whoever runs this server.',
  },
  invalid_phone: {
    what: 'This is not a phone number we can reach.',
    next: 'Write it with its country code, for example +49 151 23456789.',
  },
  phone_not_served: {
    what: 'This server sends no codes to this number.',
    next: 'It may allow some countries only, and no numbers that cost extra. Use another number, or an e-mail address.',
  },
  invalid_email: { what: 'This is not an e-mail address.', next: 'Look for a missing @ or dot.' },
  channel_closed: {
    what: 'This server sends no codes this way.',
    next: 'Log in the other way: by phone or by e-mail.',
  },
  sms_used_up: {
    what: 'This server sends no more SMS at the moment.',
    next: 'Try again later, on a device or in a network where you have logged in before, or with an e-mail address.',
  },
  sign_up_closed: {
    what: 'This server takes no new members.',
    next: 'If you have an account here, log in with the address that you made it with.',
  },
  invitation_refused: {
    what: 'This invitation does not work.',
    next: 'It may be used up, too old, or taken back. Ask for a new one.',
  },
  invitation_not_found: {
    what: 'This invitation is not there any more.',
    next: 'Load the page again.',
  },
  not_an_invitation: {
    what: 'This is not an invitation link.',
    next: 'Copy the whole link, to its last letter.',
  },
  wrong_code: {
    what: 'This is not the code we sent.',
    next: 'Look at it again. After five wrong codes you need a new one.',
  },
  code_expired: { what: 'This code is used up or too old.', next: 'Ask for a new one.' },
  wrong_credentials: {
    what: 'The e-mail address or the password is wrong.',
    next: 'Try again, or set a new password.',
  },
  ticket_expired: {
    what: 'It took too long to choose the password.',
    next: 'Start again with your e-mail address.',
  },
  refresh_refused: {
    what: 'Your log-in is no longer valid here.',
    next: 'Log in again. Your keys are still in this browser.',
  },
  account_not_found: {
    what: 'Nobody was found.',
    next: 'They may not use this server, or may not want to be found this way.',
  },
  account_suspended: {
    what: 'This account is suspended.',
    next: 'Whoever runs this server lets nobody log in with it. Ask them. Nothing was deleted.',
  },
  session_not_found: {
    what: 'This log-in has ended already.',
    next: 'There is nothing left to do.',
  },
  stale_version: {
    what: 'Another of your devices changed this at the same time.',
    next: 'Nothing was overwritten. Try again.',
  },
  bad_signature: {
    what: 'The server has other keys for this account.',
    next: 'Nothing was deleted. Log out and in again to see which keys it has.',
  },
  device_id_taken: {
    what: 'The server already has another device with this id.',
    next: 'Log out and in again. Nothing is lost.',
  },
  new_keys_wait: {
    what: 'The new keys do not count yet.',
    next: 'Wait until the time is over. Your other devices can stop them until then.',
  },
  new_keys_stopped: {
    what: 'One of your devices has stopped the new keys.',
    next: 'Enter your recovery code, or use that device.',
  },
  device_not_enrolled: {
    what: 'The server does not know this browser as one of your devices.',
    next: 'Log out and in again.',
  },
  device_not_proven: {
    what: 'This browser has not been unlocked yet.',
    next: 'Unlock it with your recovery code or password. Until then it can read and change nothing.',
  },
  directory_closed: {
    what: 'This server keeps no public list of members.',
    next: 'Type a full name, a phone number or an e-mail address.',
  },
  conversation_not_found: {
    what: 'The server does not have this conversation.',
    next: 'If the other person’s account was removed, nothing more can be sent here. What is on this device stays.',
  },
  conversation_exists: { what: 'This conversation exists already.', next: 'It is in your list.' },
  conversation_closed: {
    what: 'This conversation takes no messages.',
    next: 'The other person does not accept messages here at the moment.',
  },
  request_pending: {
    what: 'They have not answered yet.',
    next: 'You can write on when they have accepted.',
  },
  protocol_not_supported: {
    what: 'This server does not offer that protocol.',
    next: 'Choose another one.',
  },
  participants_not_supported: {
    what: 'This protocol is for two people.',
    next: 'Choose one person.',
  },
  envelope_id_taken: {
    what: 'This message was sent before.',
    next: 'Discard it and write it again.',
  },
  quota_exceeded: {
    what: 'Your room on this server is used up.',
    next: 'Nothing is lost: it stays on this device. Whoever runs the server can give you more room.',
  },
  too_many: { what: 'There are too many of these.', next: 'Remove one you no longer need.' },
  offline: {
    what: 'There is no connection to the server.',
    next: 'Check your connection, then try again.',
  },
  name_empty: { what: 'A name needs a letter.', next: 'Write how you want to be called.' },
  name_too_long: { what: 'This name is too long.', next: 'A name has up to 64 characters.' },
  name_characters: {
    what: 'This name has a character that names cannot have.',
    next: 'Letters of any language, digits, blanks, punctuation and emoji are fine.',
  },
  name_badge: {
    what: 'This name looks as if somebody had checked it.',
    next: 'Leave out check marks, shields, locks, medals, signs in circles, and the word “verified”: others could believe them.',
  },
  weak_password: {
    what: 'This password is too easy to guess.',
    next: 'Choose another one, without your name or address. Four unrelated words are good and easy to keep.',
  },
  no_web_assembly: {
    what: 'This browser runs no WebAssembly, which passwords need.',
    next: 'It may be switched off, as in the Lockdown Mode of Apple’s devices. Allow it for this address, use another browser, or log in by phone.',
  },
  wrong_passphrase: {
    what: 'This passphrase does not open the file.',
    next: 'It is the one you chose when you saved the file.',
  },
  not_a_private_key: {
    what: 'There is no RSA private key in this file.',
    next: 'Choose the .pem file that you saved from Sotto.',
  },
  recovery_code_mismatch: {
    what: 'This does not match your code.',
    next: 'Show the code again and compare this group.',
  },
  recovery_code_wrong: {
    what: 'This code does not open your keys.',
    next: 'It is typed correctly, so it belongs to another account, or a newer code has replaced it. Nothing was deleted.',
  },
  wrap_damaged: {
    what: 'What the server keeps for your recovery code is damaged or out of date.',
    next: 'Your code is not at fault. Keep it, do not start with new keys yet, and ask the people who run this server.',
  },
  other_account: {
    what: 'This browser keeps another account.',
    next: 'Nothing was changed. Use another browser or profile, or erase what this one keeps.',
  },
  invalid_input: {
    what: 'This cannot be sent.',
    next: 'No server of Sotto takes it in this form. Load the page again; if it stays, tell whoever runs this server.',
  },
  invalid_name: {
    what: 'This name cannot be used.',
    next: 'Choose one of letters, digits and the usual signs.',
  },
  invalid_picture: {
    what: 'This picture cannot be used.',
    next: 'Choose a PNG, a JPEG or a WebP.',
  },
  broken_text: {
    what: 'A character in this text is broken.',
    next: 'It is half of one, and shows as “�” or as an empty box. Delete it, then send again.',
  },
  text_too_long: {
    what: 'This text is too long.',
    next: 'A message holds 64 KB. Send it in parts.',
  },
  empty_text: { what: 'There is nothing to send.', next: 'Write something first.' },
  key_changed: {
    what: 'The key of this person has changed.',
    next: 'Until you have looked at it, nothing is sent.',
  },
  no_rsa_key: {
    what: 'One of you has no RSA key.',
    next: 'Use “ecdh”, or make an RSA key in the settings and ask the other person to do the same.',
  },
  storage_blocked: {
    what: 'This browser keeps nothing for this page.',
    next: 'Cookies and site data are blocked, or this is a private window that keeps none. Allow site data for this address, or use a usual window. Then load the page again.',
  },
  storage_full: {
    what: 'This device has no room left.',
    next: 'Nothing that was kept is lost. Free some space on the disk, or in the data of other sites, then try again.',
  },
  storage_newer: {
    what: 'A newer version of Sotto was used in this browser.',
    next: 'Load the page again to have it here too. If that does not help, the server has gone back to an older version: nothing is lost, tell whoever runs it.',
  },
  storage_cleared: {
    what: 'What Sotto kept in this browser was deleted.',
    next: 'Somebody has cleared the data of this site, or the browser has. Copy what you are writing, load the page again and log in: your recovery code brings your messages back.',
  },
  keys_not_kept: {
    what: 'This browser cannot keep private keys here.',
    next: 'Some browsers keep none in private windows. Use a usual window, or another browser.',
  },
  storage_failed: {
    what: 'The storage of this browser does not work.',
    next: 'The disk may be full or damaged. Close the other tabs of Sotto and load the page again; if that does not help, start the browser again. Nothing was sent or deleted.',
  },
  untrusted_answer: {
    what: 'The server answered with keys that are not right.',
    next: 'Nothing was sent. Somebody may be tampering with it: do not write anything secret until this is cleared up.',
  },
}

/** What is full, where the server said it; a message is refused for its bytes, without details. */
const quotaWords: Readonly<Record<string, Words>> = {
  conversations: {
    what: 'You have begun as many conversations as this server allows.',
    next: 'Others can still begin one with you. Whoever runs the server can allow more.',
  },
  devices: {
    what: 'You have as many devices as this server allows.',
    next: 'Devices you removed count as well. Use one that you have logged in on before, or ask whoever runs the server.',
  },
}

const MISTYPED =
  'A character of it is missing or mistyped: compare it with what you kept, group by group.'

const nameWords: Record<LineProblem, (character: string) => Words> = {
  empty: () => ({ what: 'This name is empty.', next: 'Type at least one letter.' }),
  too_long: () => ({
    what: 'This name is too long.',
    next: `A name has at most ${MAX_NAME_CHARS} characters.`,
  }),
  broken_character: () => ({
    what: 'A character in this name is broken.',
    next: 'It is half of one, and shows as “�” or as an empty box. Delete it.',
  }),
  hidden_character: (character) => ({
    what: `This name has a hidden character in it (${character}).`,
    next: 'It came along when the name was copied. Delete the name, and type it instead of pasting it.',
  }),
  blanks_around: () => ({
    what: 'This name begins or ends with a blank.',
    next: 'Delete the blank.',
  }),
  invisible: () => ({
    what: 'Nothing of this name can be seen.',
    next: 'Use at least one letter or digit.',
  }),
}

/** What is wrong with a name; null when it can be used. */
function nameProblem(failure: Failure): Words | null {
  const problem = LineProblem.safeParse(failure.details?.problem)
  if (failure.code !== 'invalid_name' || !problem.success) return null
  return nameWords[problem.data](String(failure.details?.character ?? ''))
}

/** The words for a failure, with what the details say: the time to wait, or what is wrong with a name. */
export function wordsFor(failure: Failure): Words {
  const { code, details } = failure
  const ofQuota = code === 'quota_exceeded' ? quotaWords[`${details?.quota}`] : undefined
  const known = nameProblem(failure) ?? ofQuota ?? words[code] ?? words.internal
  if (details?.mistyped) return { what: known.what, next: MISTYPED }
  const seconds = details?.retryAfterSeconds
  if (typeof seconds !== 'number') return known
  return { what: known.what, next: `Try again in ${waitingTime(seconds)}.` }
}

function waitingTime(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`
}
