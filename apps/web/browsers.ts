/**
 * The oldest browsers that Sotto supports: the build targets them, and a test rejects features that they lack.
 * docs/browsers.md explains the choice.
 */
export const oldestBrowsers = {
  chrome: '111',
  edge: '111',
  firefox: '115',
  safari: '16.4',
} as const
