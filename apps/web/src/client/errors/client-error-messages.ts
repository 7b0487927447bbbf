import { msg } from '@lingui/core/macro'
import type { ClientErrorCode } from '@sotto/sdk'
import type { ErrorCode } from '@sotto/wire'
import type { Messages } from './words.ts'

/** One entry for each error code of the client. */
export const clientErrorMessages: Record<Exclude<ClientErrorCode, ErrorCode>, Messages> = {
  offline: {
    what: msg`Can’t connect to the server.`,
    next: msg`Check your connection and try again.`,
  },
  not_an_invitation: {
    what: msg`This isn’t an invitation link.`,
    next: msg`Copy the whole link, down to the last character.`,
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
