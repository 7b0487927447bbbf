/** A newer feature that the app uses if it is available, with a fallback. */
export interface Allowed {
  readonly feature: string
  /** The names of the files. */
  readonly in: RegExp
  readonly because: string
}

const anywhere = /^/
const react = 'React uses it where it is there, for what we do not ask of it'

export const allowed: readonly Allowed[] = [
  { feature: 'setImmediate', in: /^(base|lib)-/, because: 'checked with typeof' },
  { feature: 'Document.startViewTransition', in: /^base-/, because: react },
  { feature: 'ViewTransition.skipTransition', in: /^base-/, because: react },
  { feature: 'navigation', in: /^base-/, because: react },
  { feature: 'navigator.connection', in: /^base-/, because: react },
  {
    feature: 'URL.canParse',
    in: /^(base|benchmark-worker)-/,
    because: 'zod checks it with typeof, and otherwise creates a URL',
  },
  {
    feature: 'AuthenticatorAttestationResponse.getPublicKey',
    in: /^(base|benchmark-worker)-/,
    because: 'jose checks SubtleCrypto for a method with this name, with typeof',
  },
  {
    feature: 'Error.captureStackTrace',
    in: /^(base|benchmark-worker)-/,
    because: 'zod and jose check for its existence',
  },
  {
    feature: 'Error.stackTraceLimit',
    in: /^(base|messages)-/,
    because: 'without support, it is a property like any other',
  },
  {
    feature: 'Uint8Array.fromBase64',
    in: /^(base|benchmark-worker)-/,
    because: 'jose checks for its existence',
  },
  {
    feature: 'Uint8Array.toBase64',
    in: /^(base|beside|benchmark-worker)-/,
    because: 'jose checks for its existence',
  },
  {
    feature: 'Uint8Array.fromHex',
    in: /^ed25519-/,
    because: '@noble/hashes checks for its existence',
  },
  {
    feature: 'Symbol.asyncDispose',
    in: /^base-/,
    because: 'the name of a client method that only Node calls',
  },
  {
    feature: 'navigator.userAgentData',
    in: /^(beside|dialog)-/,
    because: "the browser's name; otherwise from navigator.userAgent",
  },
  {
    feature: 'Element.checkVisibility',
    in: /^dialog-/,
    because: 'Base UI checks it with typeof',
  },
  {
    feature: 'globalThis.trustedTypes',
    in: /^index-/,
    because: 'only browsers that support it require policies',
  },
  {
    feature: 'TrustedTypePolicyFactory.createPolicy',
    in: /^index-/,
    because: 'only browsers that support it require policies',
  },
  {
    feature: 'HTMLElement.showPopover',
    in: /^(index|talk)-/,
    because: 'ui/overlays/popover.ts has a fallback',
  },
  {
    feature: 'HTMLElement.hidePopover',
    in: /^(index|talk)-/,
    because: 'ui/overlays/popover.ts has a fallback',
  },
  {
    feature: 'Intl.Segmenter',
    in: /^(index|talk)-/,
    because: 'ui/text/graphemes.ts falls back to code points',
  },
  { feature: 'QuotaExceededError', in: /^lib-/, because: 'node-forge checks it with typeof' },
  {
    feature: 'SharedArrayBuffer.grow',
    in: /^password-worker-/,
    because: 'WebAssembly memory, which is older, has a function with this name',
  },
  {
    feature: 'selector :has',
    in: anywhere,
    because:
      'without it, a selected card has a dot but no frame, and a field reserves no space for its button',
  },
  { feature: 'property text-wrap', in: anywhere, because: 'lines break at different words' },
  {
    feature: 'property overflow-clip-margin',
    in: anywhere,
    because: 'without it, marks are cut closer to their line',
  },
  { feature: 'property user-select', in: anywhere, because: 'Vite adds -webkit-user-select' },
  { feature: 'selector ::selection', in: anywhere, because: 'the color of the selection' },
  { feature: 'property scrollbar-width', in: anywhere, because: 'the look of scroll bars' },
  { feature: 'property scrollbar-color', in: anywhere, because: 'the look of scroll bars' },
  {
    feature: 'property overflow-anchor',
    in: anywhere,
    because: 'it turns off something that browsers without it do not do',
  },
  { feature: 'property resize', in: anywhere, because: 'phones have no handle to remove' },
  {
    feature: 'property field-sizing',
    in: anywhere,
    because: 'without it, the message field scrolls instead of growing',
  },
]
