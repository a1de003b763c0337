// Codes without typing: keys for gloves, and the camera where the browser itself can read codes. Without this script
// the field takes the digits, or what a hand scanner types, and the form does the rest.

const CODES = ['qr_code', 'code_128']
const EVERY_MS = 150

for (const form of document.querySelectorAll('form[data-scan]')) {
  giveKeys(form)
  offerCamera(form)
}

function giveKeys (form) {
  const keys = form.querySelector('[data-keys]')
  const field = form.elements.code
  keys.hidden = false
  keys.addEventListener('click', (event) => {
    const key = event.target.closest('button')
    if (!key) return
    if (key.value === 'back') field.value = field.value.slice(0, -1)
    else field.value = key.value && field.value + key.value
  })
}

async function offerCamera (form) {
  if (!navigator.mediaDevices?.getUserMedia || !('BarcodeDetector' in window)) return
  const formats = await readable()
  if (!formats.length) return
  const button = form.querySelector('[data-camera]')
  button.hidden = false
  button.addEventListener('click', () => look(form, new window.BarcodeDetector({ formats })))
}

async function readable () {
  const known = await window.BarcodeDetector.getSupportedFormats().catch(() => [])
  return CODES.filter((format) => known.includes(format))
}

async function look (form, detector) {
  const view = form.querySelector('[data-view]')
  const video = view.querySelector('video')
  let stream
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  } catch {
    return say(form, form.querySelector('[data-refused]').content.textContent)
  }
  const stop = () => {
    for (const track of stream.getTracks()) track.stop()
    video.srcObject = null
    view.hidden = true
  }
  view.querySelector('[data-stop]').addEventListener('click', stop, { once: true })
  window.addEventListener('pagehide', stop, { once: true })
  view.hidden = false
  video.srcObject = stream
  video.play().catch(() => {}) // stopped before the first picture came
  const code = await firstCode(detector, video)
  stop()
  if (code) send(form, code)
}

// The first code in the picture, or null when the camera was stopped.
async function firstCode (detector, video) {
  while (video.srcObject) {
    const [found] = await detector.detect(video).catch(() => [])
    if (found?.rawValue) return found.rawValue
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
  }
  return null
}

function send (form, code) {
  form.elements.code.value = code
  form.elements.how.value = 'scan'
  form.requestSubmit()
}

function say (form, text) {
  const view = form.querySelector('[data-view]')
  view.hidden = false
  view.querySelector('video').hidden = true
  view.querySelector('[data-stop]').hidden = true
  view.querySelector('[data-said]').textContent = text
}
