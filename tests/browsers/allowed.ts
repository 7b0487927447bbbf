/** A newer feature that the app uses where it is there, and does without elsewhere. */
export interface Allowed {
  readonly feature: string
  /** The names of the files. */
  readonly in: RegExp
  readonly because: string
}

const anywhere = /^/
const react = 'React uses it where it is there, for what we do not ask of it'

export const allowed: readonly Allowed[] = [
  { feature: 'setImmediate', in: /^(base|lib)-/, because: 'asked for with typeof' },
  { feature: 'Document.startViewTransition', in: /^base-/, because: react },
  { feature: 'ViewTransition.skipTransition', in: /^base-/, because: react },
  { feature: 'navigation', in: /^base-/, because: react },
  { feature: 'navigator.connection', in: /^base-/, because: react },
  {
    feature: 'URL.canParse',
    in: /^(base|benchmark-worker)-/,
    because: 'zod asks for it with typeof, and makes a URL else',
  },
  {
    feature: 'AuthenticatorAttestationResponse.getPublicKey',
    in: /^(base|benchmark-worker)-/,
    because: 'jose asks SubtleCrypto for a method of this name, with typeof',
  },
  {
    feature: 'Error.captureStackTrace',
    in: /^(base|benchmark-worker)-/,
    because: 'zod and jose ask whether it is there',
  },
  {
    feature: 'Error.stackTraceLimit',
    in: /^(base|messages)-/,
    because: 'where nothing reads it, it is a property like any other',
  },
  {
    feature: 'Uint8Array.fromBase64',
    in: /^(base|benchmark-worker)-/,
    because: 'jose asks whether it is there',
  },
  {
    feature: 'Uint8Array.toBase64',
    in: /^(base|beside|benchmark-worker)-/,
    because: 'jose asks whether it is there',
  },
  {
    feature: 'Uint8Array.fromHex',
    in: /^ed25519-/,
    because: '@noble/hashes asks whether it is there',
  },
  {
    feature: 'Symbol.asyncDispose',
    in: /^base-/,
    because: 'names a method of the client that only Node calls',
  },
  {
    feature: 'navigator.userAgentData',
    in: /^(beside|dialog)-/,
    because: 'the name of the browser; else from navigator.userAgent',
  },
  {
    feature: 'Element.checkVisibility',
    in: /^dialog-/,
    because: 'Base UI asks for it with typeof',
  },
  {
    feature: 'globalThis.trustedTypes',
    in: /^index-/,
    because: 'only browsers that have it ask for policies',
  },
  {
    feature: 'TrustedTypePolicyFactory.createPolicy',
    in: /^index-/,
    because: 'only browsers that have it ask for policies',
  },
  {
    feature: 'HTMLElement.showPopover',
    in: /^(index|talk)-/,
    because: 'ui/popover.ts does the same without it',
  },
  {
    feature: 'HTMLElement.hidePopover',
    in: /^(index|talk)-/,
    because: 'ui/popover.ts does the same without it',
  },
  {
    feature: 'Intl.Segmenter',
    in: /^(index|talk)-/,
    because: 'ui/graphemes.ts takes code points without it',
  },
  { feature: 'QuotaExceededError', in: /^lib-/, because: 'node-forge asks for it with typeof' },
  {
    feature: 'SharedArrayBuffer.grow',
    in: /^password-worker-/,
    because: 'a function of the name belongs to the WebAssembly memory, which is older',
  },
  {
    feature: 'selector :has',
    in: anywhere,
    because:
      'without it a chosen card has a dot and no frame, and a field keeps no room for its button',
  },
  { feature: 'property text-wrap', in: anywhere, because: 'lines break at other words' },
  {
    feature: 'property overflow-clip-margin',
    in: anywhere,
    because: 'without it marks are cut nearer to their line',
  },
  { feature: 'property user-select', in: anywhere, because: 'Vite adds -webkit-user-select' },
  { feature: 'selector ::selection', in: anywhere, because: 'the color of what is selected' },
  { feature: 'property scrollbar-width', in: anywhere, because: 'the look of scroll bars' },
  { feature: 'property scrollbar-color', in: anywhere, because: 'the look of scroll bars' },
  {
    feature: 'property overflow-anchor',
    in: anywhere,
    because: 'it turns off what browsers without it do not do',
  },
  { feature: 'property resize', in: anywhere, because: 'phones have no handle to take away' },
  {
    feature: 'property field-sizing',
    in: anywhere,
    because: 'without it the field for a message scrolls instead of growing',
  },
]
