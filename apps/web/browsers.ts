/**
 * The oldest browsers that Sotto runs in: the build writes for them, and a test refuses what they do not
 * have. docs/browsers.md says why these.
 */
export const oldestBrowsers = {
  chrome: '111',
  edge: '111',
  firefox: '115',
  safari: '16.4',
} as const
