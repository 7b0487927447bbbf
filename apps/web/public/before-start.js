// What to say when the app itself does not run. Every browser has to read this: it is ES5, as a test checks,
// and not built. The words stand in index.html until the app puts itself in their place.
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
