const words: Readonly<Record<string, string>> = {
  account_not_found: 'There is no account with this id.',
  invitation_not_found: 'There is no invitation with this id.',
  forbidden: 'This account is being removed. Data that is already gone cannot be restored.',
  bad_signature:
    'The account has published other keys since that day. The kept versions do not match them, and its devices would reject them.',
  unauthenticated:
    'The service uses another token. Set ADMIN_TOKEN to the one it was started with, or run the command again.',
  not_found:
    'The service has no routes for the operator: it runs without ADMIN_TOKEN, or is an earlier version.',
  unavailable: 'The service cannot do this at the moment: its database or its broker is down.',
  channel_closed: 'This channel sends no codes. Set MAIL_SENDER or SMS_SENDER.',
  invalid_email: 'This is not an email address.',
  invalid_phone: 'This is not a phone number. Write it with its country code.',
  phone_not_served:
    'No codes are sent to this number: PHONE_PREFIXES excludes it, or messages to it may be expensive.',
}

/** Explains an error code of the server. */
export const refusalWords = (code: string): string =>
  words[code] ?? `The server refused this: ${code}.`
