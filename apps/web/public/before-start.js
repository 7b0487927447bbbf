// The messages for when the app itself doesn't run. Every browser must be able to parse this file, so it is ES5, which
// a test checks, and isn't built. The text is in index.html until the app replaces it.
;(function () {
  function show(id, reason) {
    var other = document.getElementById(id === 'too-old' ? 'not-started' : 'too-old')
    var words = document.getElementById(id)
    if (!words || !other) return
    other.parentNode.removeChild(other)
    words.className += ' at-once'
    words.removeAttribute('hidden')
    var place = document.getElementById('not-started-reason')
    if (place) place.textContent = reason
  }

  window.addEventListener(
    'error',
    function (event) {
      var source = event.target && event.target.src
      if (source) show('not-started', 'Not loaded: ' + source)
      else if (/SyntaxError/.test(event.message)) show('too-old', '')
      else show('not-started', event.message || '')
    },
    true
  )

  if (!('noModule' in document.createElement('script'))) show('too-old', '')
})()
