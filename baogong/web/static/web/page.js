// What a page's script saves: a reload for plus and minus, a second order by an impatient finger, and doubt.
// Residents' pages carry it inside, at most 2 KB squeezed; old phones run it as it stands. Every text comes from the page.
(function (d, w) {
  var last, body = d.body;

  function on(event, fn) { w.addEventListener(event, fn); }
  function data(e, name) { return e.getAttribute('data-' + name); }
  function each(e, css, fn) { [].forEach.call(e.querySelectorAll(css), fn); }

  // How many kinds are chosen and what they cost, while the fingers are still at it.
  function total(f) {
    var fen = 0, kinds = 0, bar = f.querySelector('.sum');
    each(f, '[data-fen]', function (i) {
      var n = +i.value, row = i.closest('.offer');
      if (row) row.classList.toggle('on', n > 0);
      if (n) { kinds++; fen += n * data(i, 'fen'); }
    });
    if (!bar) return;
    if (kinds) fen += +data(bar, 'fee');
    each(bar, '[data-k]', function (e) { e.textContent = kinds; });
    each(bar, '[data-t]', function (e) { e.textContent = '¥' + (fen / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ','); });
  }

  function say(f, b, word) {
    var p = f.said = f.said || d.createElement('p');
    p.className = 'note short';
    p.setAttribute('role', 'status');
    b.parentNode.parentNode.insertBefore(p, b.parentNode);
    p.textContent = data(body, word);
  }

  // The page as it was: also when the back button brings it out of the browser's memory.
  function rest(f) {
    var b = f.busy;
    clearTimeout(f.wait);
    if (f.said) f.said.remove();
    if (b) { b.textContent = f.was; b.removeAttribute('aria-disabled'); }
    f.busy = f.said = 0;
    total(f);
  }

  on('click', function (e) {
    var b = e.target, by = { plus: 1, minus: -1 }[b.name], i;
    last = b;
    if (!by) return;
    e.preventDefault();
    i = b.parentNode.querySelector('input');
    i.value = Math.min(i.max, Math.max(i.min, +i.value + by));
    total(b.form);
  });

  on('input', function (e) { if (e.target.form) total(e.target.form); });

  on('submit', function (e) {
    var f = e.target, word = data(f, 'sending'), b = e.submitter || last;
    if (word == null) return;
    if (!b || b.form != f || b.className == 'vh') b = f.querySelector('.sum .btn,.btn');
    if (f.busy) return e.preventDefault();
    if (navigator.onLine === false) return e.preventDefault(), say(f, b, 'offline');
    rest(f);
    f.was = b.textContent;
    f.busy = b;
    b.setAttribute('aria-disabled', true);
    b.textContent = word || data(body, 'sending');
    f.wait = setTimeout(function () { say(f, b, 'slow'); }, 8000);
  });

  on('pageshow', function () { each(d, 'form[data-sending]', rest); });

  // The worker keeps the offline page and nothing else; it comes after the first paint.
  on('load', function () {
    var u = data(body, 'worker'), n = navigator.serviceWorker, t = w.trustedTypes;
    if (!u || !n) return;
    if (t) u = t.createPolicy('worker', { createScriptURL: function () { return u; } }).createScriptURL('');
    n.register(u).catch(function () {});
  });
})(document, window);
